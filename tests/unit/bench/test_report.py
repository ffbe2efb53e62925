"""What a bench writes: medians, ratios, a table for people."""

import json
from pathlib import Path

from technopark.bench.report import Measured, medians, report, table, write

MEASURED = Measured(
    peer=[{"cpu_s": 4.0}, {"cpu_s": 5.0}, {"cpu_s": 9.0}],
    ours=[{"cpu_s": 1.0, "warm_s": 1}, {"cpu_s": 1.5, "warm_s": 2}, {"cpu_s": 1.25, "warm_s": 9}],
)


def test_a_report_has_medians_and_their_ratio() -> None:
    written = report("spawn", MEASURED)
    assert written["runs"] == 3
    assert written["peer"] == {"cpu_s": 5.0}
    assert written["ours"] == {"cpu_s": 1.25, "warm_s": 2}
    assert written["ratio"] == {"cpu_s": 0.25}
    assert set(written) == {"bench", "revision", "machine", "runs", "peer", "ours", "ratio"}
    machine = written["machine"]
    assert isinstance(machine, dict)
    assert set(machine) == {"cores", "memory_gb", "cpu"}


def test_a_key_that_a_run_lacks_has_no_median() -> None:
    assert medians([{"a": 1, "b": 2}, {"a": 3}]) == {"a": 2}
    assert medians([]) == {}


def test_what_is_true_or_false_is_true_only_if_it_was_in_every_run() -> None:
    assert medians([{"isolated": True}, {"isolated": True}]) == {"isolated": True}
    assert medians([{"isolated": True}, {"isolated": False}, {"isolated": True}]) == {
        "isolated": False
    }


def test_the_table_shows_every_key(tmp_path: Path) -> None:
    written = report("spawn", MEASURED)
    rows = [line.split() for line in table(written).splitlines()]
    assert rows == [
        ["spawn", "peer", "ours", "ours/peer"],
        ["cpu_s", "5.0", "1.25", "0.25"],
        ["warm_s", "2"],
    ]
    write(written, tmp_path / "spawn.json")
    assert json.loads((tmp_path / "spawn.json").read_text()) == written
