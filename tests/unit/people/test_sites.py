"""The park's sites as an admin writes them down."""

from pathlib import Path

import pytest
import yaml
from sqlalchemy import select

from technopark.people.partners import ensure_partners, partners_of
from technopark.people.sites import ensure_sites, read_partners, read_sites
from technopark.store import Partner, PartnerCurator, Site, Store
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


def with_partners(folder: Path, *partners: dict[str, object], **of_site: object) -> Path:
    path = written(folder, **of_site)
    told = {"ru": "Программы", "en": "Programs"}
    more = {"specialities": {"basic": {"title": told, "about": told}}, "partners": [*partners]}
    whole = yaml.safe_load(path.read_text("utf-8")) | more
    path.write_text(yaml.safe_dump(whole), encoding="utf-8")
    return path


def test_a_module_tells_what_its_speciality_does_or_its_own(tmp_path: Path) -> None:
    (site,) = read_sites(with_partners(tmp_path))
    assert site.about
    assert site.about.en == "Programs"
    own = {"ru": "Роботы", "en": "Robots"}
    (site,) = read_sites(with_partners(tmp_path, about=own))
    assert (site.about.model_dump() if site.about else None) == own


def test_partners_follow_the_file(tmp_path: Path, park: Store) -> None:
    institute = {"id": "institute", "name": "Институт", "sites": ["school-05"]}

    def bring(*named: dict[str, object]) -> tuple[list[str], set[str]]:
        path = with_partners(tmp_path, *named)
        with park.write() as session:
            ensure_sites(session, read_sites(path), "Europe/Moscow")
            ensure_partners(session, read_partners(path))
        with park.read() as session:
            helping = [one.name for one in partners_of(session, "school-05")]
            return helping, set(session.scalars(select(PartnerCurator.person_name)))

    assert bring(institute | {"curators": ["anna", "nobody"]}) == (["Институт"], {"anna"})
    assert bring(institute) == (["Институт"], set())
    assert bring() == ([], set())
    with park.read() as session:
        assert session.get(Partner, "institute"), "what it posted stays its"


@pytest.mark.parametrize(
    ("partners", "said"),
    [
        ([{"sites": ["nowhere"]}], "no site 'nowhere'"),
        ([{"sites": []}, {"sites": []}], "'institute' stands here twice"),
    ],
)
def test_what_is_no_partner_is_refused(
    tmp_path: Path, partners: list[dict[str, object]], said: str
) -> None:
    named = [{"id": "institute", "name": "Институт"} | one for one in partners]
    with pytest.raises(FileError, match=said):
        read_partners(with_partners(tmp_path, *named))


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
