"""What tests of the machine share: settings with a data folder of their own, and a file of them."""

from pathlib import Path

import pytest
import yaml

from technopark.bench.own_park import free_ports
from technopark.settings import SOURCE, Settings, load


@pytest.fixture
def settings_file(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The file that `$TECHNOPARK_CONFIG` names; in a short path, as sockets must be."""
    path = tmp_path_factory.mktemp("park") / "technopark.yaml"
    (hub,) = free_ports(1)
    content = {
        "data": "data",
        "sites": str(SOURCE / "config" / "sites.yaml"),
        "courses": ".",
        "ports": {"hub": hub},
    }
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    monkeypatch.setenv("TECHNOPARK_CONFIG", str(path))
    return path


@pytest.fixture
def settings(settings_file: Path) -> Settings:
    loaded = load(settings_file)
    loaded.data.mkdir()
    return loaded


@pytest.fixture
def fedora(tmp_path: Path) -> Path:
    """The /etc/os-release of a system that is not Debian's kin."""
    path = tmp_path / "os-release"
    path.write_text('NAME="Fedora Linux"\nID=fedora\nPRETTY_NAME="Fedora Linux 42"\n')
    return path


@pytest.fixture
def ubuntu(tmp_path: Path) -> Path:
    path = tmp_path / "os-release"
    path.write_text('NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n')
    return path
