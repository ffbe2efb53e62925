"""The park's sites as an admin writes them down."""

from pathlib import Path

import pytest
import yaml

from technopark.people.sites import ensure_sites, read_sites
from technopark.store import Site, Store
from technopark.yamlfile import FileError


def written(folder: Path, **more: object) -> Path:
    site = {"id": "school-05", "name": "Школа № 5", "module": "Базовый", "speciality": "basic"}
    path = folder / "sites.yaml"
    path.write_text(yaml.safe_dump({"sites": [site | more]}), encoding="utf-8")
    return path


def test_a_site_that_does_without_words_says_from_where(tmp_path: Path, store: Store) -> None:
    networks = ["192.0.2.10/32", "2001:db8::/64"]
    sites = read_sites(written(tmp_path, networks=networks, card_alone=True))
    with store.write() as session:
        ensure_sites(session, sites, "Europe/Moscow")
        session.flush()
        site = session.get_one(Site, "school-05")
        assert (site.networks, site.card_alone) == (networks, True)
    with store.write() as session:
        ensure_sites(session, read_sites(written(tmp_path)), "Europe/Moscow")
    with store.read() as session:
        assert session.get_one(Site, "school-05").card_alone is False


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"networks": ["school"]}, r"expected addresses such as 192\.0\.2\.0/24, not 'school'"),
        ({"networks": ["192.0.2.7/24"]}, r"not '192\.0\.2\.7/24'"),
        ({"card_alone": True}, r"from the site's own `networks`: name them"),
    ],
)
def test_what_is_no_network_is_refused(tmp_path: Path, more: dict[str, object], said: str) -> None:
    with pytest.raises(FileError, match=said):
        read_sites(written(tmp_path, **more))
