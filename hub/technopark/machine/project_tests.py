"""The project's own tests, group by group, each a process of its own; what CI runs.

Called by `technopark test`. Makes sure of the engine, the images and the browser where a group
needs them, and ends what it started. The last line of all is one sum, as pytest writes it.
"""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
from xml.etree import ElementTree as ET

from technopark.machine import MachineError
from technopark.machine.cards import CARD_PRINTING
from technopark.machine.debian import ensure_packages
from technopark.machine.engine import stop_engine
from technopark.machine.own_registry import PACKAGES as REGISTRY
from technopark.machine.park import prepare
from technopark.machine.proxy import ensure_proxy
from technopark.problem import Problem
from technopark.progress import say
from technopark.settings import SOURCE, load

LOGS = SOURCE / "var" / "logs" / "tests"
BIN = Path(sys.executable).parent

LONG_WAITS = {
    # No browser waits so long for a handshake; in line for a GPU a pupil may have to.
    "TECHNOPARK_TEST_WAIT_SECONDS": "600",
    # An hour's lesson of a whole class, six times as quick.
    "TECHNOPARK_TEST_SOAK_PUPILS": "30",
    "TECHNOPARK_TEST_SOAK_MINUTES": "10",
}
"""Environment variables of tests that can also be content with less."""

SIDE_BY_SIDE = ("-n", "2", "--dist", "loadfile")
"""For tests that mostly wait: files go to two processes, each whole to one of them."""

WORDS = ("failed", "passed", "skipped", "error")
"""What pytest counts, in the order in which it says it."""


@dataclass(frozen=True)
class Group:
    """Commands that are run one after the other, in the project's root."""

    commands: list[list[str]]
    needs_engine: bool = False
    packages: tuple[str, ...] = ()
    """Debian's, needed on this machine."""


def pytest_command(name: str, *arguments: str) -> list[str]:
    """What runs pytest with `arguments` as the group `name`."""
    # Figures that tests record (`record_property`) are known to this form of the report only.
    report = [f"--junitxml={LOGS / name}.xml", "-o", "junit_family=xunit1"]
    return [str(BIN / "pytest"), *report, "-o", f"cache_dir={LOGS / 'cache'}", *arguments]


GROUPS = {
    "lint": Group(
        [
            [str(BIN / "ruff"), "check", "."],
            [str(BIN / "ruff"), "format", "--check", "."],
            [str(BIN / "mypy")],
            # The TypeScript of what runs in JupyterLab.
            [sys.executable, "-m", "technopark.catalogue.frontends"],
        ]
    ),
    "unit": Group(
        [pytest_command("unit", *SIDE_BY_SIDE, "-m", "not slow", "tests/unit", "extensions")],
        packages=REGISTRY,
    ),
    "slow": Group(
        [pytest_command("slow", *SIDE_BY_SIDE, "-m", "slow", "tests/unit", "extensions")],
        # What draws cards, and what reads them: a PDF's text and page, a code.
        packages=(*CARD_PRINTING, "poppler-utils", "zbar-tools"),
    ),
    "docker": Group(
        # The second path: with nginx installed, its answers are asked for, too.
        [pytest_command("docker", "tests/docker", "tests/unit/front/test_answers.py")],
        needs_engine=True,
        packages=("postgresql", "nginx"),
    ),
    "browser": Group(
        [pytest_command("browser", "tests/browser")],
        needs_engine=True,
        packages=("chromium", "fonts-liberation"),
    ),
    "cluster": Group(
        [pytest_command("cluster", "tests/cluster")],
        needs_engine=True,
        packages=REGISTRY,
    ),
    "soak": Group([pytest_command("soak", "tests/soak")], needs_engine=True),
}
"""In the order in which they are run; the quickest to fail first."""


def chosen(names: Sequence[str]) -> list[str]:
    """The groups that `names` mean, in the order in which they are run.

    Raises:
        MachineError: there is no such group.
    """
    unknown = [name for name in names if name not in (*GROUPS, "all")]
    if unknown:
        raise MachineError(
            f"There are no tests called {unknown[0]!r}; there are {', '.join(GROUPS)} and all."
        )
    return list(GROUPS) if "all" in names else [name for name in GROUPS if name in names]


def run_groups(names: Sequence[str], *, with_long_waits: bool = False) -> int:
    """Runs the groups until one fails; the sum of all is the last line.

    Args:
        names: of groups.
        with_long_waits: whether tests take as long as lessons and waits of people do, not just as
            long as shows that they could.

    Returns:
        The exit code: 0 where every group passed.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    if with_long_waits:
        for name, value in LONG_WAITS.items():
            os.environ.setdefault(name, value)
    started = time.monotonic()
    is_prepared, engine_pid = False, None
    counts = dict.fromkeys(WORDS, 0)
    failed = ""
    try:
        for name in names:
            say(f"\n---- {name} tests ----")
            if GROUPS[name].needs_engine and not is_prepared:
                is_prepared, engine_pid = True, _prepare()
            if GROUPS[name].packages:
                ensure_packages(GROUPS[name].packages, f"what the {name} tests need")
            passed = _run(name, GROUPS[name])
            _count(LOGS / f"{name}.xml", counts)
            if not passed:
                failed = name
                break
    except Problem as problem:
        failed = name
        print(f"technopark: {problem}", file=sys.stderr)
    finally:
        if engine_pid:
            stop_engine(engine_pid)
    if failed:
        counts["failed"] += not (counts["failed"] or counts["error"])
        print(f"\nThe {failed} tests failed; all they said stands in {LOGS / failed}.log")
    print(summary(counts, time.monotonic() - started), flush=True)
    return 1 if failed else 0


def summary(counts: Mapping[str, int], seconds: float) -> str:
    """One line as pytest ends with: `==== 12 passed, 1 skipped in 3.45s ====`."""
    told = ", ".join(f"{counts[word]} {word}" for word in WORDS if counts[word])
    return f" {told or 'no tests ran'} in {seconds:.2f}s ".center(80, "=")


def _prepare() -> int | None:
    """The engine, images and proxy; the engine's process id where it was started for this."""
    settings = load()
    prepared = prepare(settings)
    ensure_proxy(settings)
    return prepared.engine.started_pid


def _run(name: str, group: Group) -> bool:
    (LOGS / f"{name}.xml").unlink(missing_ok=True)
    with (LOGS / f"{name}.log").open("w", encoding="utf-8") as log:
        return all(_logged(command, log) for command in group.commands)


def _logged(command: list[str], log: TextIO) -> bool:
    """Runs `command`; what it says goes to the terminal and into `log`."""
    with subprocess.Popen(
        command,
        cwd=SOURCE,
        env={**os.environ, "PATH": f"{BIN}:{os.environ.get('PATH', os.defpath)}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            sys.stdout.write(line)
            sys.stdout.flush()
            log.write(line)
    return process.returncode == 0


def _count(report: Path, counts: dict[str, int]) -> None:
    if not report.exists():  # lint has none; a crashed pytest has none either
        return
    for suite in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314  # our own file
        number = {key: int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")}
        counts["failed"] += number["failures"]
        counts["error"] += number["errors"]
        counts["skipped"] += number["skipped"]
        counts["passed"] += number["tests"] - sum(
            number[key] for key in ("failures", "errors", "skipped")
        )
