"""Images of the park: there already, or what to do without them and without a network."""

import pytest

from technopark.catalogue import recipe
from technopark.machine import MachineError, images
from technopark.machine.images import ensure_all_images, is_connected
from technopark.settings import Settings

ROUTES = "Iface\tDestination\tGateway\n{}"


@pytest.fixture
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "is_connected", lambda: False)


@pytest.mark.usefixtures("_no_network")
def test_with_all_images_no_network_is_needed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    have = {name: f"sha256:{name}" for name in recipe.all_images()}
    monkeypatch.setattr(images, "images_in_use", lambda _: have)
    assert ensure_all_images(settings) == have


@pytest.mark.usefixtures("_no_network")
def test_without_images_and_network_the_way_out_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    have = {name: f"sha256:{name}" for name in recipe.all_images() if name != "base"}
    monkeypatch.setattr(images, "images_in_use", lambda _: have)
    with pytest.raises(MachineError, match=r"The images base are not .* no network .*docker load"):
        ensure_all_images(settings)


def test_a_default_route_or_a_proxy_is_a_connection(tmp_path: object) -> None:
    routes = images.Path(str(tmp_path)) / "route"
    routes.write_text(ROUTES.format("docker0\t000011AC\t00000000\n"))
    assert not is_connected({}, routes)
    assert is_connected({"https_proxy": "http://proxy:3128"}, routes)
    routes.write_text(ROUTES.format("eth0\t00000000\t010011AC\n"))
    assert is_connected({}, routes)
    assert not is_connected({}, routes.with_name("missing"))
