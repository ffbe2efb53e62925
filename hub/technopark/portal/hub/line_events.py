"""Where everybody's server stands, told to the portal as it changes: one stream, whoever looks on.

Named to JupyterHub by `hub_pages.handlers`. The portal alone has the scope, and listens only while
somebody looks on at a class. Nothing is changed, nothing is read but the line.
"""

import asyncio
import json
from collections.abc import Mapping

from jupyterhub.apihandlers.base import APIHandler
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError

from technopark.admission.line import the_line
from technopark.admission.looks import Look
from technopark.admission.turns import ServerName
from technopark.people.hub_scopes import SEE_THE_LINE
from technopark.settings import Settings

EVERY = 1.0
"""Seconds between two looks."""
QUIET = 10.0
"""Seconds after which something is sent even if nothing happened, or nobody would notice that the
other side is gone."""

AWAY = "away"

Told = dict[ServerName, tuple[str, int | None]]
"""State and place in line of servers that are not away."""


class LineEvents(APIHandler):
    """`line`: server-sent events, the first one with all servers that are not away."""

    def initialize(self, park: Settings) -> None:
        """Tornado hands over what the route names."""
        self._park = park

    async def get(self) -> None:
        """The stream, until the other side closes it."""
        if SEE_THE_LINE not in self.parsed_scopes:
            raise HTTPError(403)
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-cache")
        line, told, quiet = the_line(self._park), None, 0.0
        try:
            while True:
                now = shown(line.looks())
                if told is None or now != told:
                    self.write(event(told, now))
                    quiet = 0.0
                elif quiet >= QUIET:
                    self.write(":\n\n")
                    quiet = 0.0
                await self.flush()
                told = now
                await asyncio.sleep(EVERY)
                quiet += EVERY
        except StreamClosedError:
            return


def shown(looks: Mapping[ServerName, Look]) -> Told:
    """What is told of servers."""
    return {name: (look.state.value, look.place) for name, look in looks.items()}


def event(told: Told | None, now: Told) -> str:
    """What has changed since `told`, as a server-sent event; None: nothing was told yet."""
    changed = [
        [*name, *stands] for name, stands in now.items() if told is None or told.get(name) != stands
    ]
    gone = [[*name, AWAY, None] for name in (told or {}) if name not in now]
    return f"data: {json.dumps({'all': told is None, 'servers': changed + gone})}\n\n"
