"""The journal of a class that is graded: what stands in it survives whatever happens."""

import json
from pathlib import Path

from technopark_grading.class_run.journal import Event, Journal, What


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "sums")
    run = Event(What.RUN, run="1", at=1.5, again=True)
    graded = Event(What.GRADED, run="1", at=2.5, pupil="masha", key="k", points=0.0, of=5.0)
    journal.add(run)
    journal.add(graded)
    assert Journal(tmp_path / "sums").events() == [run, graded]


def test_nobody_was_ever_graded(tmp_path: Path) -> None:
    assert Journal(tmp_path / "sums").events() == []


def test_a_line_that_a_power_cut_left_half_written_spoils_no_other(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    begun = Event(What.BEGUN, run="1", at=1.0, pupil="masha")
    ended = Event(What.ENDED, run="1", at=2.0, reason="done")
    journal.add(begun)
    with journal.path.open("ab") as file:
        file.write(b'{"what": "graded", "run": "1", "pup')
    assert journal.events() == [begun]
    journal.add(ended)
    assert journal.events() == [begun, ended]


def test_words_of_a_later_version_are_passed_over(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    begun = {"what": "begun", "run": "1", "at": 1.0, "mood": "good"}
    journal.path.write_text(json.dumps({"what": "sung"}) + "\n" + json.dumps(begun) + "\n[]\n")
    assert journal.events() == [Event(What.BEGUN, run="1", at=1.0)]
