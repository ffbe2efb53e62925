"""How large a shown work may be, and why one cannot be shown. Knows nothing of how it is made.

Used on both sides of `making`: by the portal, and by the small process that makes the page.
"""

MOST_NOTEBOOK_BYTES = 5 << 20
MOST_PICTURE_BYTES = 10 << 20
"""A photo of a phone has 3 to 8 MB."""
MOST_CELLS = 300
MOST_LETTERS = 20_000
"""Of one output: what comes after is left out."""
MOST_PAGE_BYTES = 2 << 20
"""Of the page that comes out, pictures in it included."""
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1600
"""Dots; what is larger is made smaller."""


class NotShownError(Exception):
    """A work cannot be shown; says why in a word that `making` has a sentence for."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)
