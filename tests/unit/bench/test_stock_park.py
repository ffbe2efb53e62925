"""The stock hub is set up as its documentation says, with the limits of a park."""

from pathlib import Path

from traitlets.config import Config

from technopark.bench import stock_park
from technopark.settings import Servers, Settings


def configured(settings: Settings) -> Config:
    c = Config()
    text = stock_park._text(stock_park._values(settings, "sha256:1234", "tpbstock"))
    exec(text, {"c": c})  # noqa: S102  # as JupyterHub reads its configuration
    return c


def test_a_server_has_the_limits_of_a_parks_servers(tmp_path: Path) -> None:
    limits = Servers(memory=1 << 29, cpu=0.5, pids=99)
    c = configured(Settings(data=tmp_path, servers=limits))
    assert c.DockerSpawner.mem_limit == 1 << 29
    assert c.DockerSpawner.cpu_limit == 0.5
    assert c.DockerSpawner.extra_host_config == {"pids_limit": 99}


def test_nothing_is_tuned_and_all_can_be_found_again(tmp_path: Path) -> None:
    c = configured(Settings(data=tmp_path))
    assert set(c.JupyterHub) == {"authenticator_class", "spawner_class"}
    assert not set(c.DockerSpawner) & {"start_timeout", "http_timeout", "cmd"}
    assert c.DockerSpawner.extra_create_kwargs == {
        "labels": {stock_park.BENCH_LABEL: "tpbstock"},
    }
