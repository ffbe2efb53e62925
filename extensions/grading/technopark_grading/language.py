"""Which language the classroom is taught in; asked by everything that says something.

It looks at the environment each time and keeps nothing.
"""

import os

LANGUAGES = ("ru", "en")


def language() -> str:
    """`ru` or `en`, from TECHNOPARK_LANGUAGE; Russian where it says neither."""
    chosen = os.environ.get("TECHNOPARK_LANGUAGE", "ru")
    return chosen if chosen in LANGUAGES else "ru"
