"""What is left out of a server's start is really left out, and comes back afterwards."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from technopark_server import launch


@pytest.fixture
def heavy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package with a submodule that nobody has imported yet; it is on the list."""
    (tmp_path / "heavy").mkdir()
    (tmp_path / "heavy" / "__init__.py").write_text("weight = 1000\n")
    (tmp_path / "heavy" / "errors.py").write_text("class HeavyError(Exception): ...\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(launch, "NEVER_USED", ("heavy",))
    return "heavy"


def test_a_stand_in_has_every_name(heavy: str) -> None:
    with launch.left_out():
        errors = importlib.import_module(f"{heavy}.errors")
        assert issubclass(errors.HeavyError, Exception)
        with pytest.raises(NotImplementedError, match="leaves this out"):
            errors.HeavyError("now it is used")


def test_afterwards_the_real_one_is_imported(heavy: str) -> None:
    with launch.left_out():
        importlib.import_module(f"{heavy}.errors")
    assert heavy not in sys.modules
    assert importlib.import_module(heavy).weight == 1000


def test_others_are_imported_as_ever(heavy: str, tmp_path: Path) -> None:
    (tmp_path / "heavyweight.py").write_text("weight = 2\n")
    with launch.left_out():
        assert importlib.import_module("heavyweight").weight == 2


@pytest.mark.parametrize(
    ("hub", "bundle"), [("http://10.0.0.1:8081/hub/api", "/dev/null"), ("https://hub", "/etc/ca")]
)
def test_certificates_are_read_only_where_the_hub_is_asked_over_https(
    monkeypatch: pytest.MonkeyPatch, hub: str, bundle: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/etc/ca")
    monkeypatch.setenv("JUPYTERHUB_API_URL", hub)
    with launch.certificates_aside():
        assert os.environ["SSL_CERT_FILE"] == bundle
    assert os.environ["SSL_CERT_FILE"] == "/etc/ca"


@pytest.mark.slow
def test_a_parent_has_imported_what_a_pupils_first_look_needs() -> None:
    looks = "before = set(sys.modules); from technopark_server.panels import EXTENSIONS; "
    looks += "import nbgrader.server_extensions.assignment_list.handlers; "
    looks += "print(sorted(set(sys.modules) - before))"
    assert in_a_parent(looks) == "[]"


@pytest.mark.slow
def test_a_parent_has_looked_for_ways_to_start_kernels() -> None:
    looks = "from jupyter_client.provisioning import factory; del factory.entry_points; "
    looks += "found = factory.KernelProvisionerFactory.instance().get_provisioner_entries(); "
    looks += "print('local-provisioner' in found)"
    assert in_a_parent(looks) == "True"


@pytest.mark.slow
def test_a_parent_has_looked_for_what_notebooks_can_be_exported_to() -> None:
    looks = "from nbconvert.exporters import base; del base.entry_points; "
    looks += "print('html' in base.get_export_names(), base.get_exporter('html').output_mimetype)"
    assert in_a_parent(looks) == "True text/html"


def in_a_parent(program: str) -> str:
    """What a program prints that runs where all is loaded."""
    loaded = "import sys; from technopark_server import launch; launch.load_all(); "
    words = [sys.executable, "-c", loaded + program]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
