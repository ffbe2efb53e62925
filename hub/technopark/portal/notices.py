"""What was done, said on the next page, with a way to undo it.

Left by whatever changed something, shown once by `frame`. It travels in a signed cookie.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from fastapi import Request, Response

from technopark.people.hub_scopes import PORTAL_SERVICE
from technopark.portal.seals import Seals
from technopark.services.visitors import prefix

_COOKIE = f"technopark-{PORTAL_SERVICE}-note"
_PATH = prefix(PORTAL_SERVICE)
_LONGEST = 3000
"""Browsers drop longer cookies; then there is no notice, and nothing else is lost."""


@dataclass(frozen=True)
class Notice:
    """What was done."""

    text: str
    """In English, to be translated; `values` fill it."""
    values: dict[str, str] = field(default_factory=dict)
    undo: str = ""
    """The page to send `fields` to, below the portal's prefix; empty: nothing can be undone."""
    fields: dict[str, str] = field(default_factory=dict)
    undo_text: str = "Undo"


def leave(answer: Response, notice: Notice, seals: Seals, name: str, *, is_secure: bool) -> None:
    """Leaves a notice for the next page of the person `name`."""
    sealed = seals.note(asdict(notice), name)
    if len(sealed) <= _LONGEST:
        answer.set_cookie(
            _COOKIE,
            sealed,
            max_age=600,
            path=_PATH,
            secure=is_secure,
            httponly=True,
            samesite="lax",
        )


def left_for(request: Request, seals: Seals, name: str) -> Notice | None:
    """The notice that was left for `name`, if there is one."""
    found: dict[str, Any] | None = seals.read_note(request.cookies.get(_COOKIE, ""), name)
    return Notice(**found) if found else None


def forget(answer: Response) -> None:
    """It was shown."""
    answer.delete_cookie(_COOKIE, path=_PATH)
