"""What a provider's claims mean in the park, by the mapping in the settings.

Called by `signin.openid` with claims that are verified. Pure: it reads claims and settings only.
"""

import unicodedata
from collections.abc import Mapping
from typing import Any

from technopark.openid_settings import Claims as Meaning
from technopark.people.identities import NotWelcomeError, Profile

Claims = Mapping[str, Any]

NO_NAME = "Your school's sign-in did not say your name. Tell your teacher."
NO_SUBJECT = "Your school's sign-in did not say who you are. Tell your teacher."
NO_SITE = "Your school's sign-in did not say which school you are at. Tell your teacher."
OTHER_SITE = "Your school is not in the park, says your school's sign-in. Tell your teacher."

_LONGEST_NAME = 60
_LONGEST_SUBJECT = 255


def subject(claims: Claims, meaning: Meaning) -> str:
    """Who somebody is at the provider, for ever.

    Raises:
        NotWelcomeError: the claim is missing, or is none.
    """
    found = _texts(claims, meaning.subject)
    if len(found) != 1 or not 0 < len(found[0]) <= _LONGEST_SUBJECT:
        raise NotWelcomeError(NO_SUBJECT)
    return found[0]


def profile(claims: Claims, meaning: Meaning) -> Profile:
    """What the provider says of somebody, in the park's words."""
    full_name, sites = _full_name(claims, meaning), _texts(claims, meaning.site.claim)
    site = next((meaning.site.values[each] for each in sites if each in meaning.site.values), None)
    lacks = ""
    if not full_name:
        lacks = NO_NAME
    elif meaning.site.claim and not site:
        lacks = OTHER_SITE if sites else NO_SITE
    return Profile(
        full_name=full_name,
        site=site,
        seats=frozenset(
            (seat.classroom, seat.role)
            for value in _texts(claims, meaning.classrooms.claim)
            if (seat := meaning.classrooms.values.get(value))
        ),
        grants=frozenset(
            (role.role, role.site)
            for value in _texts(claims, meaning.roles.claim)
            if (role := meaning.roles.values.get(value))
        ),
        person=next(iter(_texts(claims, meaning.person)), ""),
        lacks=lacks,
    )


def missing(claims: Claims, meaning: Meaning) -> list[str]:
    """The claims that the mapping asks for and that are not among these."""
    asked = [
        meaning.subject,
        meaning.given_name,
        meaning.surname,
        meaning.person,
        meaning.site.claim,
        meaning.roles.claim,
        meaning.classrooms.claim,
    ]
    return [name for name in dict.fromkeys(asked) if name and _find(claims, name) is None]


def _full_name(claims: Claims, meaning: Meaning) -> str:
    """`Masha I.`; empty where the given name is missing."""
    given = _plain(next(iter(_texts(claims, meaning.given_name)), ""))[:_LONGEST_NAME]
    surname = _plain(next(iter(_texts(claims, meaning.surname)), ""))
    initial = next((letter.upper() for letter in surname if letter.isalpha()), "")
    return f"{given} {initial}." if given and initial else given


def _texts(claims: Claims, name: str) -> list[str]:
    """A claim's values as texts; one value and a list of one are the same."""
    found = _find(claims, name) if name else None
    values = found if isinstance(found, list) else [found]
    return [
        str(value).strip()
        for value in values
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip()
    ]


def _find(claims: Claims, name: str) -> Any:
    """The claim by its name, else by the way to it: `realm_access.roles`."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for step in name.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _plain(text: str) -> str:
    """One line of what can be seen; nothing that steers a terminal or a page."""
    kept = (" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in text)
    return " ".join("".join(kept).split())
