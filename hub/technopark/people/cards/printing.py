"""All of it at once: new cards for pupils of a classroom, as a sheet that exists before they count.

Called by the portal, in a thread (it hashes and draws for a second or two).
"""

from collections.abc import Callable, Iterable

from technopark.people import audit, demo
from technopark.people.audit import THE_PARK, Did
from technopark.people.cards.issue import (
    AT_THE_COMMAND_LINE,
    Card,
    make_cards,
    pupils_for_cards,
    put_in_force,
)
from technopark.people.cards.sheet import card_sheet
from technopark.settings import Settings
from technopark.store import Classroom, Store


def print_cards(
    store: Store,
    settings: Settings,
    classroom: str,
    names: Iterable[str] = (),
    *,
    issued_by: str,
    keep: Callable[[bytes], object] | None = None,
) -> tuple[bytes, list[Card]]:
    """New cards for the pupils `names` of `classroom` (none named: all), and their PDF.

    Their old words, codes and sessions end. Who may do more than a pupil gets no card. Whether
    `issued_by` may do this is for the caller to ask.

    Args:
        store: the park's.
        settings: the park's.
        classroom: its id.
        names: as people sign in.
        issued_by: who prints, for the record.
        keep: is given the PDF before the cards count, to put it where it is not lost.

    Raises:
        CardProblem: nothing has been changed; says why.
    """
    with store.read() as session:
        pupils = pupils_for_cards(session, classroom, names)
        cards = make_cards(session, pupils, classroom=classroom, otherwise=settings.language)
    pdf = card_sheet(cards, settings.web.address)
    if keep:
        keep(pdf)
    with store.write() as session:
        put_in_force(session, cards, issued_by)
        who = THE_PARK if issued_by == AT_THE_COMMAND_LINE else issued_by
        room, names = session.get_one(Classroom, classroom), [card.name for card in cards]
        audit.note_each(session, who, Did.WORDS_MADE, names, room)
    for card in cards:
        demo.change_words(settings, card.name, card.words)
    return pdf, cards
