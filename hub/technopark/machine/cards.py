"""What draws class cards: Debian's Pango, which WeasyPrint loads, and a font with Cyrillic.

Called by `up`, and not when a card is first printed: that is in the portal, a process that must
not install anything, before a teacher who cannot. It is 15 MB at most.
"""

from technopark.machine.debian import ensure_packages

CARD_PRINTING = (
    "libpango-1.0-0",
    "libpangoft2-1.0-0",
    "libharfbuzz-subset0",
    "fonts-dejavu-core",
)


def ensure_card_printing() -> None:
    """Installs what is missing.

    Raises:
        MachineError: see `ensure_packages`.
    """
    ensure_packages(CARD_PRINTING, "what class cards are drawn with")
