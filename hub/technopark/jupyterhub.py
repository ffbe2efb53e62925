"""The park's settings as JupyterHub's traits: one function a section, which only sets.

Called by `jupyterhub_config.py` when the hub starts, and by unit tests on a bare `Config()`.
"""

from functools import partial
from typing import Any
from urllib.parse import urlsplit

from traitlets.config import Config

from technopark.front import cards
from technopark.machine.secrets import Secrets
from technopark.people.hub_scopes import (
    BELL_SERVICE,
    GRADING_SERVICE,
    PORTAL_SERVICE,
    SEE_THE_LINE,
)
from technopark.portal.hub import hub_pages
from technopark.settings import Settings
from technopark.signin.ways import ParkAuthenticator
from technopark.spawner.classroom import ClassroomSpawner

LONGEST_WAIT = 24 * 3600
"""Seconds that JupyterHub lets a start stand in line; the spawner limits the start itself."""

POLL_SECONDS = 300
"""How often the engine is asked for each server, in case that its events told nothing.

A death is told by the events within a moment; asking every 30 seconds, as JupyterHub does, would
be ten questions a second for 300 servers.
"""


def configure(c: Config, settings: Settings, secrets: Secrets, bridge_ip: str) -> None:
    """Sets everything that JupyterHub needs to know of the park.

    Args:
        c: the configuration that JupyterHub is reading.
        settings: the park's settings.
        secrets: the park's secrets.
        bridge_ip: the host's address on the pupils' bridge, where servers reach the hub.
    """
    set_addresses(c, settings, bridge_ip)
    set_proxy(c, settings, secrets)
    set_state(c, settings, secrets)
    set_people(c, settings)
    set_servers(c, settings, bridge_ip)
    set_services(c, settings, secrets, bridge_ip)
    set_pages(c, settings)


def set_addresses(c: Config, settings: Settings, bridge_ip: str) -> None:
    """Where people, the proxy and servers reach the hub."""
    c.JupyterHub.bind_url = f"http://{settings.web.listen_ip}:{settings.web.listen_port}"
    c.JupyterHub.hub_bind_url = f"http://{bridge_ip}:{settings.ports.hub}"
    if settings.web.has_front:
        c.JupyterHub.public_url = f"{settings.web.address}/"
    if settings.web.has_subdomains:
        c.JupyterHub.subdomain_host = settings.web.address


def set_proxy(c: Config, settings: Settings, secrets: Secrets) -> None:
    """The proxy is a process of its own: lessons go on while the hub restarts."""
    c.ConfigurableHTTPProxy.should_start = False
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{settings.ports.proxy_api}"
    c.ConfigurableHTTPProxy.auth_token = secrets.proxy_token
    # Where nginx is in front, it serves these itself, and the route is never asked for.
    host = urlsplit(settings.web.address).hostname if settings.web.has_subdomains else ""
    files = f"http://127.0.0.1:{settings.ports.files}"
    c.ConfigurableHTTPProxy.extra_routes = {f"{host}{cards.PATH}/": files}
    c.JupyterHub.cleanup_servers = False
    c.JupyterHub.last_activity_interval = 0  # `routes` does it without holding up the loop


def set_state(c: Config, settings: Settings, secrets: Secrets) -> None:
    """Where the hub keeps what it must not lose."""
    c.JupyterHub.db_url = settings.hub_database_url
    c.JupyterHub.upgrade_db = True
    c.JupyterHub.cookie_secret = bytes.fromhex(secrets.cookie_secret)
    c.CryptKeeper.keys = [bytes.fromhex(secrets.crypt_key)]


def set_people(c: Config, settings: Settings) -> None:
    """Who may sign in."""
    c.JupyterHub.authenticator_class = ParkAuthenticator
    c.RosterAuthenticator.settings = settings


def set_servers(c: Config, settings: Settings, bridge_ip: str) -> None:
    """Pupils' servers: one a classroom, named by it."""
    c.JupyterHub.allow_named_servers = True
    c.JupyterHub.spawner_class = ClassroomSpawner
    c.JupyterHub.concurrent_spawn_limit = 0
    c.ClassroomSpawner.settings = settings
    c.ClassroomSpawner.bridge_ip = bridge_ip
    c.ClassroomSpawner.prefix = settings.network.name
    c.ClassroomSpawner.network_name = settings.network.name
    c.ClassroomSpawner.start_timeout = LONGEST_WAIT
    c.ClassroomSpawner.poll_interval = POLL_SECONDS
    c.ClassroomSpawner.http_timeout = int(settings.servers.start_timeout)


def set_services(c: Config, settings: Settings, secrets: Secrets, bridge_ip: str) -> None:
    """Processes beside the hub, each with no more rights than its work needs."""
    c.JupyterHub.services = [
        {"name": "culler", "api_token": secrets.culler_token, "display": False},
        # what these two may do names classrooms, and is kept in step with them by `signin.roster`
        {"name": GRADING_SERVICE, "api_token": secrets.grading_token, "display": False},
        _with_pages(settings, BELL_SERVICE, secrets.bell_token, bridge_ip, settings.ports.bell),
        _with_pages(
            settings, PORTAL_SERVICE, secrets.portal_token, bridge_ip, settings.ports.portal
        ),
    ]
    c.JupyterHub.custom_scopes = {
        SEE_THE_LINE: {"description": "See where everybody's server stands, and nothing of it"}
    }
    c.JupyterHub.load_roles = [
        {
            "name": "cull-idle-servers",
            "services": ["culler"],
            "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        },
        {"name": "see-the-line", "services": [PORTAL_SERVICE], "scopes": [SEE_THE_LINE]},
    ]


def _with_pages(
    settings: Settings, name: str, token: str, bridge_ip: str, port: int
) -> dict[str, Any]:
    """A service whose pages people open, signed in by the hub."""
    return {
        "name": name,
        "api_token": token,
        "url": f"http://{bridge_ip}:{port}",
        "oauth_redirect_uri": f"{settings.web.service_address(name)}oauth_callback",
        "oauth_no_confirm": True,  # they are the park's own
    }


def set_pages(c: Config, settings: Settings) -> None:
    """JupyterHub's pages in the park's words."""
    c.JupyterHub.template_paths = [str(hub_pages.TEMPLATES)]
    c.JupyterHub.template_vars = hub_pages.template_vars(settings, partial(cards.ahead, settings))
    c.RosterAuthenticator.pages = hub_pages.handlers(settings)
    c.JupyterHub.default_url = "/hub/home"
    c.JupyterHub.tornado_settings = {"compress_response": True}
