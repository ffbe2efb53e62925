"""The park's partners and their curators, from `config/sites.yaml` into the store.

Called by `people.demo` at each `technopark up`, and by `made_up`. A partner that the file names no
more stays, as postings are its, but helps no module and has no curator then.
"""

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from technopark.people.sites import PartnerEntry
from technopark.store import Partner, PartnerCurator, PartnerSite, Person


def ensure_partners(session: Session, partners: Iterable[PartnerEntry]) -> None:
    """Brings the store's partners up to date; repeats do nothing.

    A curator whom nobody in the park is called like becomes one at the next `technopark up` after
    the first sign-in.
    """
    session.flush()
    session.execute(delete(PartnerSite))
    session.execute(delete(PartnerCurator))
    for partner in partners:
        session.merge(Partner(id=partner.id, name=partner.name, about=partner.about))
        session.flush()
        session.add_all(PartnerSite(partner_id=partner.id, site_id=one) for one in partner.sites)
        known = session.scalars(select(Person.name).where(Person.name.in_(partner.curators)))
        session.add_all(PartnerCurator(partner_id=partner.id, person_name=one) for one in known)
    session.flush()


def partners_of(session: Session, site: str) -> list[Partner]:
    """The partners that help the site's module, by name."""
    query = (
        select(Partner)
        .join(PartnerSite, PartnerSite.partner_id == Partner.id)
        .where(PartnerSite.site_id == site)
        .order_by(Partner.name, Partner.id)
    )
    return list(session.scalars(query))
