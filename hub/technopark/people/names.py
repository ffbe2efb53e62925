"""Names that people sign in with: Latin letters, digits and hyphens; Cyrillic is spelled in Latin.

Called by `signin` on every attempt and by rosters, so that a child may type the name either way.
"""

import re

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
"""Fits a host name's label (subdomains), a container's name and a folder's."""

# Simple spelling as on bank cards (ICAO Doc 9303, without its long forms); `_` is silent.
_CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_SPELLED = "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch _ y _ e iu ia"
_LATIN = dict(zip(_CYRILLIC, _SPELLED.split(), strict=True))


def normalise(name: str) -> str:
    """The name as the park knows it: `" Маша Ц."` becomes `masha-ts`."""
    spelled = "".join(_LATIN.get(letter, letter) for letter in name.strip().lower())
    return re.sub(r"[^a-z0-9]+", "-", spelled.replace("_", "")).strip("-")


def is_name(name: str) -> bool:
    """Whether a person or a classroom may be called so."""
    return NAME.fullmatch(name) is not None
