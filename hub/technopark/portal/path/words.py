"""Words for what `technopark.path` knows by short names. Pure.

Called by the pages here. Texts are English, to be translated.
"""

from technopark.path.achievements import Earned
from technopark.path.consents import Purpose, Way

ACHIEVED = {
    Earned.FIRST_WORK: ("First work", "The very first work is handed in."),
    Earned.TEN_WORKS: ("Ten works", "Ten assignments are handed in."),
    Earned.FIVE_IN_TIME: ("In time", "Five assignments came in before their deadline."),
    Earned.BETTER: ("Better and better", "A work was handed in once more after the feedback."),
    Earned.COURSE: ("Course finished", "Everything in the course “{course}” is handed in."),
    Earned.SHOWN: ("Shown", "The first work is in the portfolio."),
}
"""Title and reason of each achievement."""

PURPOSES = {
    Purpose.WORKS: "Curators of partner enterprises see the works that the child shows, with the "
    "given name, the first letter of the surname, class and school.",
    Purpose.LETTERS: "Curators may write to the child; the teacher reads every letter before.",
}
MY_PURPOSES = {
    Purpose.WORKS: "Curators of partner enterprises see the works that you show, with your given "
    "name, the first letter of your surname, class and school.",
    Purpose.LETTERS: "Curators may write to you; your teacher reads every letter before.",
}
"""The same, to the pupil."""
WAYS = {
    Way.PAPER: "Signed on paper, kept at the school",
    Way.DIARY: "Through the electronic diary, or in another way that can be shown",
}
