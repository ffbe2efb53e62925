"""The park's sites, from `config/sites.yaml` into the store; the same file names their partners.

Called by `people.demo` at each `technopark up`. It never removes a site: classrooms belong to it.
"""

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from zoneinfo import available_timezones

from pydantic import Field
from sqlalchemy.orm import Session

from technopark.settings import Section
from technopark.store import Site
from technopark.yamlfile import FileError, YamlFile


class Words(Section):
    """A text in the park's two languages."""

    ru: str
    en: str


class SiteEntry(Section):
    """One site, as a person writes it."""

    id: str = Field(pattern=r"^[a-z0-9-]{1,30}$")
    name: str
    module: str
    speciality: str
    timezone: str | None = None
    networks: tuple[str, ...] = ()
    card_alone: bool = False
    speciality_title: Words | None = None
    about: Words | None = None
    """What pupils do in the module; None: what the file says of its speciality."""
    how_to_join: Words | None = None
    """None: as in every module."""


class SpecialityEntry(Section):
    """What all modules of one speciality have in common."""

    title: Words
    about: Words


class PartnerEntry(Section):
    """An enterprise or an institute that helps some modules."""

    id: str = Field(pattern=r"^[a-z0-9-]{1,30}$")
    name: str
    about: str = ""
    sites: tuple[str, ...]
    curators: tuple[str, ...] = ()
    """The names that its mentors sign in with; each needs the role `curator` as well."""


class SitesFile(Section):
    """The file of sites."""

    sites: list[SiteEntry]
    specialities: dict[str, SpecialityEntry] = Field(default_factory=dict)
    partners: list[PartnerEntry] = Field(default_factory=list)


def read_sites(path: Path) -> list[SiteEntry]:
    """The sites in `path`, each with what the file says of its speciality.

    Raises:
        FileError: a key, an id or a time zone is wrong; a line for each.
    """
    found = _read(path)
    return [_with_speciality(site, found.specialities.get(site.speciality)) for site in found.sites]


def read_partners(path: Path) -> list[PartnerEntry]:
    """The partners in `path`.

    Raises:
        FileError: as `read_sites`.
    """
    return _read(path).partners


def _read(path: Path) -> SitesFile:
    file = YamlFile(path)
    found = file.read(SitesFile)
    sites = found.sites
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
    problems += _wrong_partners(file, found.partners, seen)
    if problems:
        raise FileError("\n".join(problems))
    return found


def _wrong_partners(file: YamlFile, partners: list[PartnerEntry], sites: set[str]) -> Iterator[str]:
    seen: set[str] = set()
    for number, partner in enumerate(partners):
        if partner.id in seen:
            yield file.problem(("partners", number, "id"), f"'{partner.id}' stands here twice")
        seen.add(partner.id)
        for place, site in enumerate(partner.sites):
            if site not in sites:
                yield file.problem(("partners", number, "sites", place), f"no site '{site}'")


def _with_speciality(site: SiteEntry, speciality: SpecialityEntry | None) -> SiteEntry:
    if speciality is None:
        return site
    told = {
        "speciality_title": site.speciality_title or speciality.title,
        "about": site.about or speciality.about,
    }
    return site.model_copy(update=told)


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
                speciality_title=_by_language(site.speciality_title),
                about=_by_language(site.about),
                how_to_join=_by_language(site.how_to_join),
            )
        )


def _by_language(words: Words | None) -> dict[str, str]:
    return words.model_dump() if words else {}
