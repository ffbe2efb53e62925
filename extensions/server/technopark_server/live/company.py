"""Who else is in a pupil's server: whoever asks it for something and is not the pupil.

`extension` has every request shown to it and looks every other second who is there still. The hub
says who somebody is; whether they may come in was asked before. It refuses nobody.
"""

import time
import weakref
from collections.abc import Callable, Mapping
from typing import Any

STAYS = 20.0
"""Seconds after the last request in which somebody without an open page is still there; a page of
Lab has a connection that stays open, so this only bridges a page that is loaded anew."""
_MOST = 10
"""People at a time; more are not looked for."""


class Company:
    """The people who are there beside the server's owner.

    Args:
        owner: the hub's name of the pupil; empty, as outside a hub: then nobody is looked for.
        clock: seconds that never go back.
    """

    def __init__(self, owner: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._owner, self._clock = owner, clock
        self._last: dict[str, float] = {}
        self._open: dict[str, weakref.WeakSet[Any]] = {}
        self._called: dict[str, str] = {}

    def met(self, handler: Any) -> None:
        """A request was answered, or a websocket opened."""
        name = _name(handler)
        if not self._owner or not name or name == self._owner:
            return
        if name not in self._last and len(self._last) >= _MOST:
            return
        self._last[name] = self._clock()
        if hasattr(handler, "ws_connection"):
            self._open.setdefault(name, weakref.WeakSet()).add(handler)

    def present(self) -> tuple[str, ...]:
        """Who is there now, by the hub's names; who has left is forgotten."""
        now = self._clock()
        for name in list(self._last):
            # a connection that is closed gives this up
            if any(one.ws_connection is not None for one in self._open.get(name, ())):
                self._last[name] = now
            elif now - self._last[name] > STAYS:
                del self._last[name]
                self._open.pop(name, None)
        return tuple(sorted(self._last))

    def are_called(self, names: Mapping[str, str]) -> None:
        """The park says what people are called."""
        self._called |= names

    def shown(self) -> list[str]:
        """Who is there, as the pupil knows them."""
        return [self._called.get(name, name) for name in self.present()]


def _name(handler: Any) -> str:
    """Whose request it is; empty: nobody's that the hub knows.

    Tornado's own attribute: what it has in public asks who it is, where nobody has asked before.
    """
    user = getattr(handler, "_current_user", None)
    return str(getattr(user, "username", "") or "")
