"""Leased kernels are there where the park has switched them on, and nowhere else."""

import runpy
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from traitlets.config import Config

from technopark_kernels import SHARE, switch_on
from technopark_kernels.kernel import asks_for_lease

CONFIG = Path(__file__).parents[3] / "images" / "base" / "config" / "jupyter_server_config.py"


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Reads the image's configuration as a server does, and gives what it has set."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TECHNOPARK_ROLE", "grader")
    monkeypatch.setenv("JUPYTER_PATH", "/opt/course/share/jupyter")

    def read() -> Config:
        config = Config()
        runpy.run_path(str(CONFIG), {"get_config": lambda: config})
        return config

    return read


def test_without_gpus_nothing_is_changed_or_imported(
    configure: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TECHNOPARK_GPU", raising=False)
    monkeypatch.setitem(sys.modules, "technopark_kernels", None)  # an import would fail
    assert "kernel_manager_class" not in configure().ServerApp


def test_with_gpus_the_kernelspec_is_found_beside_the_course_s(
    configure: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TECHNOPARK_GPU", "1")
    assert configure().ServerApp.kernel_manager_class.startswith("technopark_kernels.")
    folders = KernelSpecManager().kernel_dirs
    assert folders.index("/opt/course/share/jupyter/kernels") < folders.index(f"{SHARE}/kernels")
    spec = KernelSpecManager().get_kernel_spec("python3-gpu")
    assert spec.display_name == "Python 3 (GPU)"
    assert asks_for_lease(spec.metadata)
    assert spec.metadata["supported_encryption"] == ["curve"]


def test_other_kernels_are_local(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PATH", "")
    switch_on(Config(ServerApp=SimpleNamespace()))
    assert not asks_for_lease(KernelSpecManager().get_kernel_spec("python3").metadata)
