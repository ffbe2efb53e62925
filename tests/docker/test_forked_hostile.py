"""Images that lie in wait for the fork: nothing of them runs with more than a pupil has."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support.forked import KERNELS_PACKAGES, PACKAGES, Forking, derived, server
from support.waiting import eventually

from technopark.engine.client import open_engine
from technopark.engine.forks import PROGRAMS, NoForkError, fork, idle_program
from technopark.engine.parent import ensure_parent, parent_folder, remove_parent
from technopark.engine.short_lived import running
from technopark.settings import Network, Servers

pytestmark = pytest.mark.docker

NOTE = (
    "import os; os.write(2, ('RAN as %d with %s' % (os.getuid(), [line for line in "
    "open('/proc/self/status') if line[:6] == 'CapEff'])).encode())"
)
"""Code that says who runs it, whenever it is imported or executed."""
WATCH = """
import os, sys
from technopark_forked.servers import forking, linux, parent
begun, seen = [], []
def watch(event, arguments):
    if begun and event in ("open", "import", "exec", "compile", "ctypes.dlopen", "os.listdir"):
        seen.append((event, str(arguments[:1])))
sys.addaudithook(watch)
enter, be_fresh = linux.enter, forking.be_fresh
def entering(*arguments):
    begun.append(True)
    enter(*arguments)
def fresh(*arguments):
    begun.clear()
    os.write(2, ("SEEN %r" % seen).encode())
    be_fresh(*arguments)
linux.enter, forking.be_fresh = entering, fresh
parent.run()
"""
"""A parent that notes what is opened and imported between joining and the last privilege."""


@pytest.fixture(scope="module")
def hostile(forking: Forking) -> str:
    """An image in which whatever a fork might read is a trap."""
    stack = "/usr/lib/python3.13"
    traps = " ".join(
        f"{stack}/{name}.py" for name in ("traceback", "linecache", "gettext", "encodings/idna")
    )
    ours, theirs = (f"{each}/technopark_forked" for each in (PACKAGES, KERNELS_PACKAGES))
    return derived(
        forking.client,
        forking.image,
        [
            "RUN echo /tmp/none.so > /etc/ld.so.preload"
            f" && for trap in {traps} {ours}/servers/*.py {theirs}/*/*.py {theirs}/*.py; do"
            f' echo "{NOTE}" > $trap; done'
            f" && find {stack} {ours} {theirs} -name '*.pyc' -delete"
            " && rm -f /etc/nsswitch.conf && mkfifo /etc/nsswitch.conf"
            " && mkdir -p /usr/share/locale/C.UTF-8/LC_MESSAGES"
            " && mkfifo /usr/share/locale/C.UTF-8/LC_MESSAGES/libc.mo"
        ],
    )


def test_nothing_of_a_hostile_image_runs_before_the_privileges_are_gone(
    forking: Forking, hostile: str
) -> None:
    limits = Servers()
    with running(
        forking.client, hostile, limits=limits, environment=forking.environment, **idle_program()
    ) as container:
        for program in PROGRAMS:
            fork(forking.folder, container.id, container.pid, program)
        # What runs later is the pupil's own business, as in a server started the ordinary way.
        said = container.log()
        assert all("RAN as 1000" in piece for piece in said.split("\n") if "RAN as" in piece)
        assert "RAN as 0" not in said


@pytest.fixture
def watched(forking: Forking, tmp_path: Path) -> Iterator[Path]:
    """Another parent, which notes what it opens; gives its folder."""
    settings = forking.settings.model_copy(
        update={"data": tmp_path, "network": Network(name=f"{forking.settings.network.name}w")}
    )
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "__main__.py").write_text(WATCH)
    image = derived(
        forking.client,
        forking.image,
        [
            f"COPY watch/__main__.py {each}/technopark_forked/servers/__main__.py"
            for each in (PACKAGES, KERNELS_PACKAGES)
        ],
        {"watch": tmp_path / "watch"},
    )
    with closing(open_engine(settings.engine)) as client:
        try:
            ensure_parent(client, image, settings)
            yield parent_folder(settings)
        finally:
            remove_parent(client, settings.network.name)


def test_between_joining_and_the_last_privilege_nothing_is_opened(
    forking: Forking, watched: Path
) -> None:
    with server(forking.client, forking.image, forking.environment, watched) as forked:
        assert forked.container.log().count("SEEN []") == len(PROGRAMS)


@pytest.mark.parametrize(
    "program",
    [
        "exec sleep 60",  # no pipe at all
        "exec 8</dev/null 9>/dev/null; exec sleep 60",  # what is there is no pipe
        "exec 9</home; exec sleep 60",
    ],
)
def test_a_process_1_that_is_not_ours_gets_no_server(forking: Forking, program: str) -> None:
    words = {"entrypoint": ["/bin/sh", "-c"], "command": [program]}
    limits = Servers()
    with (
        running(forking.client, forking.image, limits=limits, **words) as container,
    ):
        with pytest.raises(NoForkError, match="made no pipe"):
            fork(forking.folder, container.id, container.pid, "server")
        with pytest.raises(NoForkError, match="copying descriptor 7"):
            fork(forking.folder, container.id, container.pid, "kernels")


def test_a_container_that_runs_as_root_gets_no_server(forking: Forking) -> None:
    client, words = forking.client, idle_program()
    made = client.create_container(
        forking.image, **words, user="0:0", labels={"technopark.short-lived": "true"}
    )["Id"]
    try:
        client.start(made)
        pid = client.inspect_container(made)["State"]["Pid"]
        for program in PROGRAMS:
            with pytest.raises(NoForkError, match="is not user 1000 alone"):
                fork(forking.folder, made, pid, program)
    finally:
        client.remove_container(made, force=True)


def test_a_container_that_has_ended_gets_no_server(forking: Forking) -> None:
    limits = Servers()
    with running(forking.client, forking.image, limits=limits, **idle_program()) as container:
        forking.client.kill(container.id)
        eventually(lambda: not Path(f"/proc/{container.pid}").exists(), 30, "it has ended")
        for program in PROGRAMS:
            with pytest.raises(NoForkError):
                fork(forking.folder, container.id, container.pid, program)
