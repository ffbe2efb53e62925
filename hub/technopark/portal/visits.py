"""Who looks at a page of the portal, and whether a form that comes is theirs.

`check_form` is a dependency of the whole application, so no page can forget it; pages ask for
`Visit` (who is here) and, where something is sent, for `Sent`. Nothing is written.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from fastapi import Depends, HTTPException, Request
from starlette.datastructures import FormData, UploadFile

from technopark.language import COOKIE, LANGUAGES, Language, of_header
from technopark.people import rights
from technopark.people.rights import Standing
from technopark.portal.seals import Seals
from technopark.services.visitors import Doorkeeper
from technopark.settings import Settings
from technopark.store import Person, Store

FORM_FIELD = "form"
"""The hidden field that says the form is ours."""
OLD_FORM = "old-form"
"""Why a form is refused: it is from a page of ours, but not of this sign-in, or too old."""
MOST_BYTES = 1 << 20
"""Of what is sent: a list of a thousand names is a twentieth of it."""
_MOST_BYTES_OF_PAGE = "technopark_most_bytes"
_READING = ("GET", "HEAD", "OPTIONS")


class SignInNeededError(Exception):
    """Somebody must sign in before this page."""


Page = TypeVar("Page", bound=Callable[..., Any])


@dataclass(frozen=True)
class Parts:
    """What the pages need; `app` puts it into the application's state."""

    settings: Settings
    store: Store
    door: Doorkeeper
    seals: Seals
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


def parts(request: Request) -> Parts:
    """The application's parts."""
    found: Parts = request.app.state.parts
    return found


PartsOf = Annotated[Parts, Depends(parts)]


@dataclass(frozen=True)
class Visitor:
    """Who is here: the name, what they are in the park, and the language they read."""

    name: str
    full_name: str
    who: Standing
    language: Language
    session: str


async def visitor(request: Request, parts: PartsOf) -> Visitor:
    """Who is asking.

    Raises:
        SignInNeededError: nobody is signed in.
        HTTPException: 403, who is signed in is nobody of the park (any more).
    """
    name = await parts.door.name(request)
    if name is None:
        raise SignInNeededError
    found = await asyncio.to_thread(_known, parts, name, wished_language(request))
    if found is None:
        raise HTTPException(403)
    person, who, language = found
    here = Visitor(name, person.full_name, who, language, parts.door.session(request))
    request.state.visitor = here
    return here


Visit = Annotated[Visitor, Depends(visitor)]


async def guest(request: Request, parts: PartsOf) -> Visitor | None:
    """Who is asking, on a page that everybody may read; None: nobody whom the park knows."""
    try:
        return await visitor(request, parts)
    except (SignInNeededError, HTTPException):
        return None


Guest = Annotated[Visitor | None, Depends(guest)]


def standing_of(guest: Visitor | None) -> Standing:
    """What a guest is in the park: nothing, where nobody is signed in."""
    return guest.who if guest else Standing("")


def wished_language(request: Request) -> Language:
    """The language chosen in this browser, else what it asks for; a person's choice counts more."""
    chosen = request.cookies.get(COOKIE)
    if known := next((one for one in LANGUAGES if one == chosen), None):
        return known
    return of_header(request.headers.get("Accept-Language", ""), parts(request).settings.language)


def _known(parts: Parts, name: str, wished: Language) -> tuple[Person, Standing, Language] | None:
    with parts.store.read() as session:
        person, who = session.get(Person, name), rights.standing(session, name)
    if person is None or who is None:
        return None
    return person, who, next((one for one in LANGUAGES if one == person.language), wished)


@dataclass(frozen=True)
class SentForm:
    """What somebody typed and sent."""

    fields: FormData
    files: dict[str, bytes]

    def text(self, name: str) -> str:
        """A line, without spaces around it; empty where it was not sent."""
        return " ".join(self.lines(name).split())

    def lines(self, name: str) -> str:
        """Some lines of text, as they were typed."""
        value = self.fields.get(name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else ""

    def file(self, name: str) -> bytes | None:
        """A file's content; None: none was chosen."""
        return self.files.get(name)


def takes(most_bytes: Callable[[Settings], int]) -> Callable[[Page], Page]:
    """Says of a page that more than `MOST_BYTES` may be sent to it, and how much."""

    def larger(page: Page) -> Page:
        setattr(page, _MOST_BYTES_OF_PAGE, most_bytes)
        return page

    return larger


async def check_form(request: Request, parts: PartsOf) -> None:
    """Lets pass what only reads, and forms that we gave this very sign-in.

    Raises:
        SignInNeededError: nobody is signed in.
        HTTPException: 403, it comes from another page; 413, it is too large.
    """
    if request.method in _READING:
        return
    if not comes_from_here(request):
        raise HTTPException(403)
    length = request.headers.get("Content-Length", "")
    most = getattr(request.scope.get("endpoint"), _MOST_BYTES_OF_PAGE, _most_bytes)
    if not length.isdecimal() or int(length) > most(parts.settings):
        raise HTTPException(413)
    if int(length) > MOST_BYTES:
        await visitor(request, parts)  # nothing large is read for somebody whom nobody knows
    async with request.form(max_files=1) as fields:
        files = {
            name: await value.read()
            for name, value in fields.multi_items()
            if isinstance(value, UploadFile) and value.size
        }
    typed = [(name, value) for name, value in fields.multi_items() if isinstance(value, str)]
    # It came from a page of ours: should it be refused, what was typed can be sent once more.
    request.state.typed = [(name, value) for name, value in typed if name != FORM_FIELD]
    who = await visitor(request, parts)
    sealed = fields.get(FORM_FIELD)
    if not isinstance(sealed, str) or not parts.seals.is_form(sealed, who.session):
        raise HTTPException(403, OLD_FORM)
    request.state.sent = SentForm(fields, files)


def _most_bytes(_settings: Settings) -> int:
    return MOST_BYTES


def sent(request: Request) -> SentForm:
    """What `check_form` found to be ours."""
    found: SentForm = request.state.sent
    return found


Sent = Annotated[SentForm, Depends(sent)]


def comes_from_here(request: Request) -> bool:
    """Whether a browser says that this request comes from a page of this very address.

    Browsers say so in Sec-Fetch-Site; where they do not (plain HTTP), in Origin.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = split(request.headers.get("Origin", ""))
    return bool(origin.netloc) and origin.netloc == request.headers.get("Host")


def split(address: str) -> SplitResult:
    """The parts of an address that a browser sent; all empty, where it is none."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")
