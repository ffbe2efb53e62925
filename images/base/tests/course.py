"""What holds in every image for pupils' programs; run inside by /opt/course/bin/python."""

import os
import shutil
import stat
import tempfile
from pathlib import Path

from jupyter_client.manager import KernelManager


def run_cell(code: str) -> list[dict]:
    """The outputs of a cell in a fresh kernel of the image's own kernelspec."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        outputs = []
        answer = client.execute_interactive(code, output_hook=outputs.append, timeout=60)
        assert answer["content"]["status"] == "ok", outputs
        return [output["content"]["data"] for output in outputs if "data" in output["content"]]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_the_pupil_is_not_root():
    assert os.getuid() == os.getgid() == 1000
    capabilities = Path("/proc/self/status").read_text().split("CapEff:")[1].split()[0]
    assert int(capabilities, 16) == 0


def test_there_is_no_compiler_and_no_installer():
    tools = ("cc", "gcc", "g++", "c++", "clang", "ld", "make", "pip", "pip3", "uv")
    assert [tool for tool in tools if shutil.which(tool)] == []


def test_nothing_was_left_by_installers():
    left = ("/root/.cache", "/home/pupil/.cache", "/wheels", "/server.txt", "/course.txt")
    assert [path for path in left if _exists(path)] == []
    assert list(Path("/var/cache/apt").glob("*.bin")) == []


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except PermissionError:
        return False


def test_nothing_is_setuid():
    found = []
    for folder, folders, files in os.walk("/"):
        folders[:] = [name for name in folders if folder != "/" or name not in ("proc", "sys")]
        for name in files:
            mode = Path(folder, name).lstat().st_mode
            if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
                found.append(Path(folder, name))
    assert found == []


def test_the_root_is_read_only():
    folders = ("/", "/opt/course", "/opt/server", "/usr/lib", "/etc")
    assert [folder for folder in folders if os.access(folder, os.W_OK)] == []


def test_home_and_scratch_can_be_written():
    for folder in (tempfile.gettempdir(), Path.home()):
        with tempfile.TemporaryFile(dir=folder) as file:
            assert file.write(b"x") == 1


def test_every_module_is_compiled():
    bare = [
        str(module)
        for environment in ("/opt/course", "/opt/server")
        for module in Path(environment, "lib").rglob("*.py")
        if not any((module.parent / "__pycache__").glob(f"{module.stem}.cpython-*.pyc"))
    ]
    assert bare == [] or all("/share/" in path or "/templates/" in path for path in bare), bare[:20]


def test_a_kernel_counts():
    assert run_cell("1 + 1") == [{"text/plain": "2"}]


def test_a_widget_shows():
    outputs = run_cell("import ipywidgets; ipywidgets.IntSlider()")
    assert any("application/vnd.jupyter.widget-view+json" in shown for shown in outputs)


def test_help_and_completion_work_without_what_was_stripped():
    run_cell("import pydoc, this; pydoc.render_doc('os'); get_ipython().complete('pri')")


def test_time_zones_are_there():
    from zoneinfo import ZoneInfo

    assert Path("/usr/share/zoneinfo/Europe/Moscow").exists()
    assert ZoneInfo("Europe/Moscow")
