"""A whole made-up city, thought up from a seed: the one generator of tests, benches and the demo.

Called by `made_up.commands`, by tests and by benches; `made_up.fill` writes what it gives. Pure:
the same seed gives the same city, to the byte, on every machine and in every year.
"""

from collections.abc import Sequence
from random import Random

from technopark.made_up import noticeboard
from technopark.made_up import year as school_year
from technopark.made_up.plan import City
from technopark.made_up.schools import schools
from technopark.made_up.works import works
from technopark.people.sites import SiteEntry, read_partners, read_sites
from technopark.settings import SOURCE

SMALLEST, LARGEST = 0.01, 2.0
"""What `scale` may be: from some classes to a city of twice the size."""


def city(
    seed: int = 1,
    scale: float = 1.0,
    *,
    sites: Sequence[SiteEntry] | None = None,
    timezone: str = "Europe/Moscow",
    year: int = 2025,
) -> City:
    """A city with 7,600 pupils, 400 classrooms and 200,000 works, all times `scale`.

    Args:
        seed: another one gives other people.
        scale: `SMALLEST` to `LARGEST`; below 0.06 not every school has a class.
        sites: default: the project's own 19.
        timezone: of all sites; what `sites` say of theirs shifts no moment.
        year: in whose September the school year begins; it is over by default.

    Raises:
        ValueError: the scale is too small or too large.
    """
    if not SMALLEST <= scale <= LARGEST:
        raise ValueError(f"expected a scale from {SMALLEST} to {LARGEST}, not {scale}")
    ours = SOURCE / "config" / "sites.yaml"
    if sites is None:
        sites = read_sites(ours)
    ids = {site.id for site in sites}
    # A source of its own for each part: a change of the works leaves the people as they are.
    people = schools(Random(f"{seed} schools"), scale, sites)  # noqa: S311  # no secret
    done = works(Random(f"{seed} works"), scale, people.rooms, year, timezone)  # noqa: S311
    curators = [one for one in people.adults if one.role == "curator"]
    helping = noticeboard.partners(
        [one for one in read_partners(ours) if ids.issuperset(one.sites)], curators
    )
    admins = [one for one in people.adults if one.role == "site-admin"]
    chance = Random(f"{seed} noticeboard")  # noqa: S311
    on = noticeboard.postings(chance, scale, sites, helping, people.pupils, admins, year, timezone)
    return City(
        seed=seed,
        scale=scale,
        year=year,
        first_day=school_year.first_day(year),
        last_day=school_year.last_day(year),
        timezone=timezone,
        sites=tuple(sites),
        pupils=tuple(people.pupils),
        adults=tuple(people.adults),
        rooms=tuple(people.rooms),
        tasks=tuple(done.tasks),
        works=tuple(done.works),
        hand_ins=tuple(done.hand_ins),
        extensions=tuple(done.extensions),
        partners=tuple(helping),
        postings=tuple(on),
    )
