"""Speaking with the exchange service: addresses, patience, and errors as sentences.

Called by the exchange classes. Everything may be asked again without harm, so a service that is
restarting is asked again for a while before anybody is bothered.
"""

import os
import shutil
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import IO, Any, cast
from urllib.parse import quote

import requests
import urllib3.exceptions
from nbgrader.exchange import ExchangeError

from technopark_exchange.packing import FileNameError, Parcel, unpack
from technopark_exchange.words import language, say

URL = "TECHNOPARK_EXCHANGE_URL"
TOKEN = "JUPYTERHUB_API_TOKEN"  # noqa: S105  # the variable's name

_PATIENCE_SECONDS = 30.0
_TIMEOUTS = (5.0, 150.0)
"""Seconds to connect, and to wait for an answer: the service takes up to two minutes to receive."""
_PASSING = {429, 502, 503, 504}


class Client:
    """The exchange service, as seen by the owner of a token."""

    def __init__(self, url: str, token: str, patience: float = _PATIENCE_SECONDS) -> None:
        self._url = url.rstrip("/")
        self._patience = patience
        self._session = requests.Session()
        # The service is on this machine's own network: no proxy leads there.
        self._session.trust_env = False
        self._session.headers.update(
            {"Authorization": f"token {token}", "Accept-Language": language()}
        )

    def ask(self, method: str, *steps: str, json: object = None, **query: str) -> Any:
        """The service's answer to a question without files; None where it has none.

        Raises:
            ExchangeError: the service refused, or is away; in its words.
        """
        return self._patiently(lambda: _answer(self._send(method, steps, query, json=json)))

    def send(self, method: str, *steps: str, parcel: Parcel, **query: str) -> Any:
        """Sends files, and the service's answer to them.

        Raises:
            ExchangeError: the service refused, or is away; in its words.
        """
        try:
            return self._patiently(lambda: _answer(self._send(method, steps, query, data=parcel)))
        except FileNameError as error:
            raise ExchangeError(say("bad-file-name", name=error)) from None

    def fetch(self, *steps: str, into: Path) -> None:
        """Writes the files at an address into the folder `into`, which must not exist yet.

        The folder is there with all its files, or not at all.

        Raises:
            ExchangeError: the service refused, or is away; in its words.
        """
        into.parent.mkdir(parents=True, exist_ok=True)
        self._patiently(lambda: self._fetch(steps, into))

    def _fetch(self, steps: tuple[str, ...], into: Path) -> None:
        # Beside its place, under a name that no pattern of nbgrader matches.
        folder = Path(mkdtemp(prefix=f".{into.name}.", dir=into.parent))
        try:
            with self._send("GET", steps, {}, stream=True) as response:
                _check(response)
                _unpack(response, folder)
            folder.chmod(0o755)
            folder.rename(into)
        except BaseException:
            shutil.rmtree(folder)
            raise

    def _send(
        self, method: str, steps: tuple[str, ...], query: dict[str, str], **more: Any
    ) -> requests.Response:
        path = "/".join(quote(step, safe="") for step in steps)
        return self._session.request(
            method, f"{self._url}/{path}", params=query, timeout=_TIMEOUTS, **more
        )

    def _patiently(self, attempt: Callable[[], Any]) -> Any:
        until = time.monotonic() + self._patience
        pause = 0.25
        while True:
            try:
                return attempt()
            except _PassingError as error:
                refusal: ExchangeError = error
            except requests.RequestException:
                refusal = ExchangeError(say("away"))
            if time.monotonic() + pause > until:
                raise refusal
            time.sleep(pause)
            pause = min(pause * 2, 4.0)


class _PassingError(ExchangeError):
    """The service cannot now, and may a little later."""


def _unpack(response: requests.Response, folder: Path) -> None:
    try:
        found = unpack(cast("IO[bytes]", response.raw), folder)
    except (tarfile.TarError, urllib3.exceptions.HTTPError):
        # Cut off on the way: as good as no answer.
        raise requests.ConnectionError from None
    if found != response.headers["X-Content-Manifest"]:
        raise ExchangeError(say("damaged"))


def _answer(response: requests.Response) -> Any:
    _check(response)
    return response.json() if response.content else None


def _check(response: requests.Response) -> None:
    if response.ok:
        return
    try:
        sentence = str(response.json()["message"])
    except (ValueError, KeyError, TypeError):
        sentence = say("odd-answer", status=response.status_code)
    raise (_PassingError if response.status_code in _PASSING else ExchangeError)(sentence)


def from_environment(patience: float = _PATIENCE_SECONDS) -> Client:
    """The service that this server's environment names.

    Raises:
        ExchangeError: it names none.
    """
    for variable in (URL, TOKEN):
        if not os.environ.get(variable):
            raise ExchangeError(say("no-url", variable=variable))
    return Client(os.environ[URL], os.environ[TOKEN], patience)
