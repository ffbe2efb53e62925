"""Two teachers press the button at once, and a process that was killed leaves its lock behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from technopark_grading.class_run import run_lock

HOLD = """
import sys
from pathlib import Path
from technopark_grading.class_run import run_lock
with run_lock.held(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path: Path) -> "subprocess.Popen[str]":
    """Another process that holds the lock `sums` until it ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path / "sums"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_one_at_a_time_and_it_says_who(other: "subprocess.Popen[str]", tmp_path: Path) -> None:
    with pytest.raises(run_lock.HeldError) as refused, run_lock.held(tmp_path / "sums"):
        pytest.fail("two hold it")
    assert refused.value.holder == run_lock.holder(tmp_path / "sums")
    assert refused.value.holder
    assert refused.value.holder.pid == other.pid
    assert refused.value.holder.is_here


def test_another_assignment_is_free(other: "subprocess.Popen[str]", tmp_path: Path) -> None:
    with run_lock.held(tmp_path / "loops"):
        assert run_lock.holder(tmp_path / "loops")
    assert run_lock.holder(tmp_path / "loops") is None


def test_the_lock_of_a_killed_process_holds_nobody_up(
    other: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    other.kill()
    other.wait()
    assert (tmp_path / "sums").read_text() != ""
    assert run_lock.holder(tmp_path / "sums") is None
    with run_lock.held(tmp_path / "sums"):
        pass


def test_a_process_of_the_same_number_is_another_one() -> None:
    assert not run_lock.Holder(os.getpid(), since=1, host=os.uname().nodename).is_here
    assert not run_lock.Holder(os.getpid(), since=1, host="elsewhere").is_here


def test_nobody_holds_what_was_never_made(tmp_path: Path) -> None:
    assert run_lock.holder(tmp_path / "none") is None
