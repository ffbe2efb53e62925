"""Class cards: name, three words and a code for each pupil, on sheets of paper to cut.

Called by `technopark roster cards`, by the portal and (what is on a card) by `signin`. Making new
cards ends the old ones. `print_cards` does all of it; nothing here asks who may print for whom.
"""

from technopark.people.cards.issue import (
    AT_THE_COMMAND_LINE,
    Card,
    CardProblem,
    is_only_pupil,
    issue_cards,
    make_cards,
    may_do_without_words,
    opens,
    pupils_for_cards,
    put_in_force,
    sites_without_words,
)
from technopark.people.cards.printing import print_cards
from technopark.people.cards.sheet import card_link, card_sheet

__all__ = [
    "AT_THE_COMMAND_LINE",
    "Card",
    "CardProblem",
    "card_link",
    "card_sheet",
    "is_only_pupil",
    "issue_cards",
    "make_cards",
    "may_do_without_words",
    "opens",
    "print_cards",
    "pupils_for_cards",
    "put_in_force",
    "sites_without_words",
]
