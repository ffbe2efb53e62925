"""The park's sites, from `config/sites.yaml` into the store.

Called by `people.demo` at each `technopark up`. It never removes a site: classrooms belong to it.
"""

from ipaddress import ip_network
from pathlib import Path
from zoneinfo import available_timezones

from pydantic import Field
from sqlalchemy.orm import Session

from technopark.settings import Section
from technopark.store import Site
from technopark.yamlfile import FileError, YamlFile


class SiteEntry(Section):
    """One site, as a person writes it."""

    id: str = Field(pattern=r"^[a-z0-9-]{1,30}$")
    name: str
    module: str
    speciality: str
    timezone: str | None = None
    networks: tuple[str, ...] = ()
    card_alone: bool = False


class SitesFile(Section):
    """The file of sites."""

    sites: list[SiteEntry]


def read_sites(path: Path) -> list[SiteEntry]:
    """The sites in `path`.

    Raises:
        FileError: a key, an id or a time zone is wrong; a line for each.
    """
    file = YamlFile(path)
    sites = file.read(SitesFile).sites
    problems = []
    seen: set[str] = set()
    for number, site in enumerate(sites):
        if site.id in seen:
            problems.append(file.problem(("sites", number, "id"), f"'{site.id}' stands here twice"))
        seen.add(site.id)
        if site.timezone and site.timezone not in available_timezones():
            problems.append(
                file.problem(
                    ("sites", number, "timezone"),
                    f"expected a time zone such as Europe/Moscow, not '{site.timezone}'",
                )
            )
        for place, network in enumerate(site.networks):
            if not _is_network(network):
                what = f"expected addresses such as 192.0.2.0/24, not '{network}'"
                problems.append(file.problem(("sites", number, "networks", place), what))
        if site.card_alone and not site.networks:
            what = "cards may do without words only from the site's own `networks`: name them"
            problems.append(file.problem(("sites", number, "card_alone"), what))
    if problems:
        raise FileError("\n".join(problems))
    return sites


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def ensure_sites(session: Session, sites: list[SiteEntry], timezone: str) -> None:
    """Brings the store's sites up to date; one that is no longer in the file stays."""
    for site in sites:
        session.merge(
            Site(
                id=site.id,
                name=site.name,
                module=site.module,
                speciality=site.speciality,
                timezone=site.timezone or timezone,
                networks=list(site.networks),
                card_alone=site.card_alone,
            )
        )
