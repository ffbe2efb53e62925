"""`technopark signins`: who signed in when, from where, and how it ended."""

from datetime import datetime
from typing import Annotated

import typer

_ENDED = {
    "in": "in",
    "wrong": "wrong name, words or card",
    "name-waits": "refused: this name must wait",
    "address-waits": "refused: many names failed there",
}
_MOST = 1000


def signins(
    name: Annotated[str | None, typer.Option(help="Only of this name.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"],
            help="Only since then, in the park's time zone; default: the last day.",
        ),
    ] = None,
) -> None:
    """List attempts to sign in, the newest last.

    Names that nobody has stand here as unknown-..., as children type their words there, too.
    """
    from contextlib import closing
    from datetime import UTC, timedelta
    from zoneinfo import ZoneInfo

    from technopark.people.names import normalise
    from technopark.people.sign_ins import sign_ins
    from technopark.settings import load
    from technopark.store import open_store

    settings = load()
    zone = ZoneInfo(settings.timezone)
    begin = since.replace(tzinfo=zone) if since else datetime.now(UTC) - timedelta(days=1)
    # A pseudonym is asked for as it stands.
    wanted = normalise(name) if name else None
    with closing(open_store(settings.database_url)) as store, store.read() as session:
        found = sign_ins(session, begin, wanted, _MOST + 1)
    if len(found) > _MOST:
        typer.echo(f"Only the last {_MOST}; name --since or --name for others.")
    for each in reversed(found[:_MOST]):
        typer.echo(
            f"{each.at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {each.name:24} {each.way:8} "
            f"{each.address:24} {_ENDED.get(each.ended, each.ended)}"
        )
    if not found:
        typer.echo(
            "Nobody tried to sign in since then. The log goes back "
            f"{settings.signin.log_days} days (`signin.log_days`)."
        )
