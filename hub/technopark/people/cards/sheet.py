"""The sheet: A4 pages with eight cards each and lines to cut along, as a PDF.

Called by `cards.printing` and the command. `people.paper` draws it; it takes a second or two of CPU
for a class: call it in a thread. Imported libraries are heavy, and the hub imports this package:
hence inside functions.
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from technopark.language import translate
from technopark.people.cards.issue import Card, CardProblem
from technopark.people.paper import NoPangoError, PaperError, draw

if TYPE_CHECKING:
    from markupsafe import Markup

_FOLDER = Path(__file__).parent
_PER_PAGE = 8


def card_link(address: str, card: Card) -> str:
    """What the code on the card opens. Nothing behind `#` leaves the browser by itself.

    Args:
        address: the park's, `web.address`.
        card: whose code it is.
    """
    return f"{address}/hub/card#{card.name}.{card.secret}"


def card_sheet(cards: Sequence[Card], address: str) -> bytes:
    """The PDF: eight cards to a page, each in the language of its pupil.

    Args:
        cards: in the order in which they are printed.
        address: the park's, `web.address`.

    Raises:
        CardProblem: what draws pages is not installed on this machine.
    """
    try:
        return draw(_html(cards, address), (_FOLDER / "sheet.css").read_text("utf-8"))
    except NoPangoError as error:
        raise CardProblem(
            "Cards cannot be drawn: Debian's Pango is not on this machine. `./park up`, called as "
            f"root, installs it. No card is changed. ({error})"
        ) from None
    except PaperError as error:  # a name or a title never is markup; if it were
        raise CardProblem(f"A sheet of cards needs nothing from elsewhere: {error}") from None


def _html(cards: Sequence[Card], address: str) -> str:
    pages = [cards[first : first + _PER_PAGE] for first in range(0, len(cards), _PER_PAGE)]
    environment = Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("sheet.html").render(
        pages=pages,
        shown_address=address.partition("://")[2],
        qr=lambda card: _code(card_link(address, card)),
        say=lambda text, card: translate(text, card.language),
    )


def _code(link: str) -> "Markup":
    import segno
    from markupsafe import Markup

    drawn = BytesIO()
    # Level M: it is read also with a fold or a stain on it. The quiet zone is in the picture.
    segno.make(link, error="m", micro=False).save(
        drawn, kind="svg", border=4, xmldecl=False, omitsize=True
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704  # drawn by segno of a link of ours
