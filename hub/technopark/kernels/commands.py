"""`technopark leases`: what an admin does with leases from the command line.

Mounted by `cli`. It works on the park's store directly, also while the broker is down; a running
broker sees within a second what was changed.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark import settings as park_settings
from technopark.kernels import leases
from technopark.kernels.leases import Reason
from technopark.problem import Problem
from technopark.settings import Settings
from technopark.store import Classroom, Lease, LeaseReservation, open_store

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

_RESERVATION = "r"
"""Before the number of a reservation, so that nobody takes it for a lease."""
_SHOWN = 8
"""Characters of a lease's id that are shown, and that name it."""


class LeaseProblem(Problem):
    """What somebody asked of the leases cannot be done."""


@app.command("list")
def list_() -> None:
    """Show who has or waits for which device, and what is reserved."""
    settings = park_settings.load()
    with _store(settings) as session:
        rows = [_lease_row(lease) for lease in leases.active(session)]
        kept = [_reservation_row(one) for one in _reservations(session)]
    typer.echo("\n".join(rows) or "Nobody has or waits for a lease.")
    if kept:
        typer.echo("\n".join(["", "Reserved:", *kept]))


@app.command()
def reserve(
    classroom: Annotated[str, typer.Argument(help="The classroom's id.")],
    devices: Annotated[int, typer.Option("--devices", min=1, help="How many GPUs.")],
    starts: Annotated[
        str,
        typer.Option("--from", help="In the site's time zone, such as 2026-11-25T10:00."),
    ],
    ends: Annotated[str, typer.Option("--until", help="In the site's time zone.")],
) -> None:
    """Keep GPUs for a classroom's lesson.

    Leases that others get from now on end before it starts.
    """
    with _store(park_settings.load()) as session:
        room = session.get(Classroom, classroom)
        if room is None:
            raise LeaseProblem(f"There is no classroom {classroom}.")
        zone = ZoneInfo(room.site.timezone)
        first, last = _moment(starts, zone), _moment(ends, zone)
        if not max(first, datetime.now(UTC)) < last:
            raise LeaseProblem(
                f"A reservation ends in the future and after its start, not from {starts} "
                f"until {ends}."
            )
        row = LeaseReservation(classroom_id=classroom, devices=devices, starts=first, ends=last)
        session.add(row)
        session.flush()
        said = _reservation_row(row)
    typer.echo(f"Reserved: {said.strip()}")


@app.command()
def end(
    name: Annotated[str, typer.Argument(help="A lease or a reservation, as `list` shows it.")],
) -> None:
    """End a lease at once, or drop a reservation."""
    settings = park_settings.load()
    with _store(settings) as session:
        number = name.removeprefix(_RESERVATION)
        if name.startswith(_RESERVATION) and number.isdecimal():
            row = session.get(LeaseReservation, int(number))
            if row is None:
                raise LeaseProblem(f"There is no reservation {name}.")
            session.delete(row)
            typer.echo(f"The reservation {name} is dropped.")
            return
        lease = _find(session, name)
        leases.end(lease, Reason.ADMIN, datetime.now(UTC).timestamp())
        typer.echo(f"The lease {name} of {lease.person_name} ends.")


@contextmanager
def _store(settings: Settings) -> Iterator[Session]:
    with closing(open_store(settings.database_url)) as store, store.write() as session:
        yield session


def _find(session: Session, name: str) -> Lease:
    found = [lease for lease in leases.active(session) if lease.id.startswith(name)]
    if len(name) < _SHOWN or len(found) != 1:
        raise LeaseProblem(
            f"{name} names no lease that goes on. `technopark leases list` shows them all."
        )
    lease = leases.find(session, found[0].id)
    return lease or found[0]


def _reservations(session: Session) -> list[LeaseReservation]:
    coming = select(LeaseReservation).where(LeaseReservation.ends > datetime.now(UTC))
    return list(session.scalars(coming.order_by(LeaseReservation.starts)))


def _lease_row(lease: Lease) -> str:
    place = f"{lease.node} {lease.device}".strip()
    since = f"{lease.asked_at:%H:%M} UTC"
    who = f"{lease.person_name} ({lease.classroom_id})"
    return f"  {lease.id[:_SHOWN]}  {lease.flavour:8} {lease.state:9} {who:40} {since}  {place}"


def _reservation_row(row: LeaseReservation) -> str:
    zone = ZoneInfo(row.classroom.site.timezone)
    first, last = row.starts.astimezone(zone), row.ends.astimezone(zone)
    return (
        f"  {_RESERVATION}{row.id}  {row.classroom_id}: {row.devices} GPU, "
        f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} ({zone.key})"
    )


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise LeaseProblem(f"{text} is not a time. Write it like 2026-11-25T10:00.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
