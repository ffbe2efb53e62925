"""Settings become JupyterHub's traits; nothing else does."""

from pathlib import Path

import pytest
from traitlets.config import Config

from technopark import jupyterhub
from technopark.machine.secrets import Secrets
from technopark.settings import Network, Settings, Web

SECRETS = Secrets(*(f"{number:064x}" for number in range(7)))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path, web=Web(address="http://park.example:8100"), network=Network(name="park7")
    )


def test_servers_and_the_proxy_meet_the_hub_on_the_bridge(settings: Settings) -> None:
    c = Config()
    jupyterhub.set_addresses(c, settings, "10.0.0.1")
    assert c.JupyterHub.hub_bind_url == "http://10.0.0.1:8081"
    assert c.JupyterHub.bind_url == "http://0.0.0.0:8100"
    assert c.JupyterHub.subdomain_host == "http://park.example:8100"


@pytest.mark.parametrize("subdomains", [True, False])
def test_behind_a_front_the_hub_speaks_http_and_links_to_https(
    tmp_path: Path, subdomains: bool
) -> None:
    c = Config()
    web = Web(address="https://park.example", listen="127.0.0.1", subdomains=subdomains)
    jupyterhub.set_addresses(c, Settings(data=tmp_path, web=web), "10.0.0.1")
    assert c.JupyterHub.bind_url == "http://127.0.0.1:8000"
    assert c.JupyterHub.public_url == "https://park.example/"


def test_an_ip_address_has_no_names_for_servers(tmp_path: Path) -> None:
    c = Config()
    numbers = Settings(data=tmp_path, web=Web(address="http://192.168.1.5"))
    jupyterhub.set_addresses(c, numbers, "10.0.0.1")
    assert "subdomain_host" not in c.JupyterHub


def test_lessons_outlive_the_hub(settings: Settings) -> None:
    c = Config()
    jupyterhub.set_proxy(c, settings, SECRETS)
    assert c.ConfigurableHTTPProxy.should_start is False
    assert c.JupyterHub.cleanup_servers is False
    assert c.JupyterHub.last_activity_interval == 0


@pytest.mark.parametrize(
    ("address", "route"),
    [("http://park.example:8100", "park.example/static/"), ("http://10.0.0.5:8100", "/static/")],
)
def test_what_browsers_download_has_a_route_of_its_own(
    settings: Settings, address: str, route: str
) -> None:
    c = Config()
    moved = settings.model_copy(update={"web": Web(address=address)})
    jupyterhub.set_proxy(c, moved, SECRETS)
    assert c.ConfigurableHTTPProxy.extra_routes == {route: "http://127.0.0.1:8005"}


def test_services_get_no_more_than_their_work_needs(settings: Settings) -> None:
    c = Config()
    jupyterhub.set_services(c, settings, SECRETS, "10.0.0.1")
    scopes = {
        service: set(role["scopes"])
        for role in c.JupyterHub.load_roles
        for service in role["services"]
    }
    names = {service["name"] for service in c.JupyterHub.services}
    assert names == {"culler", "grading", "bell", "portal"}
    assert set(scopes) == {"culler", "portal"}, "what others may do follows the classrooms"
    assert scopes["portal"] == {"custom:technopark:see-the-line"} == set(c.JupyterHub.custom_scopes)
    assert not [scope for names in scopes.values() for scope in names if "access:" in scope]


def test_configuring_sets_every_section_once(settings: Settings) -> None:
    c = Config()
    jupyterhub.configure(c, settings, SECRETS, "10.0.0.1")
    assert c.ClassroomSpawner.prefix == "park7"
    assert c.JupyterHub.default_url == "/hub/home"
    assert callable(c.JupyterHub.template_vars["start_page"])
