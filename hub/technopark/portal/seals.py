"""What the portal signs: forms, so that no other page can send them, and notes to the next page.

Called by `visits` and `notices`. It encrypts nothing: what is sealed can be read, not made up.
"""

import hashlib
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

_FORM_SECONDS = 12 * 3600
"""A form that was opened in the morning can be sent after the last lesson."""
_NOTE_SECONDS = 3600


class Seals:
    """Signs by the portal's own secret; each purpose has a salt of its own."""

    def __init__(self, secret: str) -> None:
        self._forms = URLSafeTimedSerializer(secret, salt="technopark.portal.form")
        self._notes = URLSafeTimedSerializer(secret, salt="technopark.portal.note")

    def form(self, session: str) -> str:
        """What every form of this sign-in carries."""
        return self._forms.dumps(_digest(session))

    def is_form(self, sealed: str, session: str) -> bool:
        """Whether a form is one that we gave this sign-in, not too long ago."""
        try:
            return bool(session) and self._forms.loads(sealed, _FORM_SECONDS) == _digest(session)
        except BadData:
            return False

    def note(self, content: dict[str, Any], name: str) -> str:
        """A note to a later page of the person `name`."""
        return self._notes.dumps([name, content])

    def read_note(self, sealed: str, name: str) -> dict[str, Any] | None:
        """A note that we wrote for `name`; None: it is another's, too old, or made up."""
        try:
            whose, content = self._notes.loads(sealed, _NOTE_SECONDS)
        except (BadData, ValueError):
            return None
        return content if whose == name and isinstance(content, dict) else None


def _digest(session: str) -> str:
    return hashlib.sha256(session.encode()).hexdigest()
