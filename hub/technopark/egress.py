"""The way out by name: a proxy that lets a course's servers reach the hosts it was allowed.

Run by the supervisor as `python -m technopark.egress`. Servers have no other way out. A server
shows its own token (in the proxy's address that the spawner gave it); the hub says whose it is,
the store says which lists of hosts the classroom's course may reach. proxy.py speaks the protocol.
"""

import base64
import binascii
import os
from functools import cache

import httpx
from proxy.http.exception import HttpRequestRejected
from proxy.http.parser import HttpParser
from proxy.http.proxy import HttpProxyBasePlugin

import proxy
from technopark.people.lessons import NoLessonError, lesson
from technopark.settings import Settings, load
from technopark.store import Store, open_store

_HUB_TIMEOUT_SECONDS = 10
_HTTP, _HTTPS = 80, 443


class AllowedHosts(HttpProxyBasePlugin):
    """Refuses every connection that the classroom's course has not been allowed."""

    def before_upstream_connection(self, request: HttpParser) -> HttpParser | None:
        """Called by proxy.py before it connects; answers the request when it may go on."""
        classroom, token = _credentials(request)
        host = _host(request)
        port = request.port or (_HTTPS if request.is_https_tunnel else _HTTP)
        name = _whose(token, classroom)
        if name is None:
            raise _refused(407, "This way out is for the park's servers: show your server's token.")
        if not is_allowed(host, port, _hosts(name, classroom)):
            raise _refused(403, f"The course of {classroom} may not reach {host}:{port}.")
        return request

    def handle_client_request(self, request: HttpParser) -> HttpParser | None:
        """Called by proxy.py with every request that it is about to pass on in the clear.

        The server's token is not for others. And a connection leads to one host, while clients
        believe that a proxy's leads to all: so each carries one request.
        """
        request.del_header(b"proxy-authorization")
        if not request.is_https_tunnel:
            request.add_header(b"Connection", b"close")
        return request


def is_allowed(host: str, port: int, hosts: list[str]) -> bool:
    """Whether `host` stands in `hosts`, alone (then ports 80 and 443) or with this port."""
    return f"{host}:{port}" in hosts or (port in (_HTTP, _HTTPS) and host in hosts)


def _refused(status: int, sentence: str) -> HttpRequestRejected:
    return HttpRequestRejected(status_code=status, body=sentence.encode())


def _host(request: HttpParser) -> str:
    """The host that is asked for; empty, and so in no list, where its name is none."""
    try:
        return (request.host or b"").decode("idna").lower()
    except UnicodeError:
        return ""


def _credentials(request: HttpParser) -> tuple[str, str]:
    """Classroom and token out of `Proxy-Authorization: Basic`; empty where there are none."""
    try:
        _, _, encoded = request.header(b"proxy-authorization").partition(b" ")
        classroom, _, token = base64.b64decode(encoded).decode().partition(":")
    except (KeyError, binascii.Error, UnicodeDecodeError):
        return "", ""
    return classroom, token


def _whose(token: str, classroom: str) -> str | None:
    """The hub user whose server for `classroom` was given this token."""
    if not token:
        return None
    try:
        answer = httpx.get(
            f"{os.environ['JUPYTERHUB_API_URL']}/user",
            headers={"Authorization": f"token {token}"},
            timeout=_HUB_TIMEOUT_SECONDS,
            trust_env=False,  # this machine's own proxy must not see the token
        )
    except httpx.HTTPError:
        raise _refused(503, "The park is restarting. Try again in a minute.") from None
    if answer.status_code != httpx.codes.OK:
        return None
    user = answer.json()
    # A pupil of two classes must not go out from one with the right of the other.
    is_its_own = f"access:servers!server={user['name']}/{classroom}" in user["scopes"]
    return str(user["name"]) if is_its_own else None


def _hosts(name: str, classroom: str) -> list[str]:
    """The hosts that the course of the classroom may reach, for its members."""
    settings, store = _park()
    with store.read() as session:
        try:
            found = lesson(session, name, classroom, settings.language)
        except NoLessonError:
            return []
    return [host for key in found.network for host in settings.network.allowed.get(key, [])]


@cache
def _park() -> tuple[Settings, Store]:
    settings = load()
    return settings, open_store(settings.database_url)


def main() -> None:
    """Runs until it is stopped."""
    arguments = [
        f"--hostname={os.environ['TECHNOPARK_BRIDGE_IP']}",
        f"--port={load().ports.egress}",
        "--plugins=technopark.egress.AllowedHosts",
        "--num-acceptors=1",
        "--num-workers=1",
        "--threaded",
        "--log-level=WARNING",
    ]
    with proxy.Proxy(arguments) as running:
        proxy.sleep_loop(running)


if __name__ == "__main__":
    main()
