"""Ending somebody's sessions at the hub: in all browsers, not just where the button was pressed.

Called by the sign-out page and by `signin.roster`, on the hub's loop, with the hub's database.
Servers go on: a lesson that runs is not lost, and can be come back to.
"""

from typing import Any

from jupyterhub import orm
from jupyterhub.utils import new_token

_HUB = "jupyterhub"
"""The client of tokens that were not given to a browser by way of a server or a service."""

_SERVERS_MAY = ("users:activity", "access:servers")
"""What a server's own token may (JupyterHub's role `server`)."""


def end_sessions(db: Any, person: orm.User) -> None:
    """Signs `person` out of the hub, its servers and services, wherever it is signed in."""
    _end(db, person, [token for token in person.api_tokens if token.client_id != _HUB])


def end_sessions_and_tokens(db: Any, person: orm.User) -> None:
    """As `end_sessions`, and also the tokens that `person` (or a thief) made on the token page."""
    own = _tokens_of_servers(person)
    _end(db, person, [token for token in person.api_tokens if token not in own])


def end_everything(db: Any, person: orm.User) -> None:
    """For somebody who left the park: servers' tokens, too."""
    _end(db, person, list(person.api_tokens))


def _end(db: Any, person: orm.User, tokens: list[orm.APIToken]) -> None:
    person.cookie_id = new_token()  # what the hub's cookie names, in every browser
    for token in tokens:
        db.delete(token)
    for code in db.query(orm.OAuthCode).filter_by(user_id=person.id):
        db.delete(code)  # a browser on its way to a server
    db.commit()


def _tokens_of_servers(person: orm.User) -> list[orm.APIToken]:
    """What running servers speak to the hub and the exchange with.

    Anybody may note the same about a token of their own; but what it may do, too, must be no more.
    """
    return [
        token
        for token in person.api_tokens
        if token.client_id == _HUB
        and (token.note or "").startswith("Server at ")
        and all(scope.partition("!")[0] in _SERVERS_MAY for scope in token.scopes)
    ]
