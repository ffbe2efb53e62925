"""Figures of several numbers of clients: a column each, and a picture beside the JSON."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from technopark.bench.growth import PANELS, draw_growth
from technopark.bench.report import Measured, report, table
from technopark.cli.bench import numbers
from technopark.machine import MachineError

SVG = "{http://www.w3.org/2000/svg}"
FEW = {"clients": 300, "p95_ms": 64.7, "cpu_cores": 0.1}
MANY = {"clients": 3000, "p95_ms": 900.0, "cpu_cores": 0.9}


def test_each_number_of_clients_has_a_point_in_each_panel(tmp_path: Path) -> None:
    written = report("hub", Measured(ours=[FEW], growth=[FEW, MANY]))
    drawn = draw_growth(written, tmp_path / "hub.json")
    assert drawn == tmp_path / "hub.svg"
    picture = ET.parse(drawn).getroot()  # noqa: S314  # our own file
    assert len(picture.findall(f"{SVG}g")) == len(PANELS)
    assert len(list(picture.iter(f"{SVG}circle"))) == 2 * 2, "two figures of two numbers"


def test_one_number_of_clients_is_no_growth(tmp_path: Path) -> None:
    written = report("hub", Measured(ours=[FEW], growth=[FEW]))
    assert draw_growth(written, tmp_path / "hub.json") is None
    assert list(tmp_path.iterdir()) == []


def test_a_bench_without_numbers_of_clients_says_nothing_of_growth() -> None:
    assert "growth" not in report("spawn", Measured(ours=[{"cpu_s": 1.0}]))


def test_the_table_has_a_column_for_each_number_of_clients() -> None:
    lines = table(report("hub", Measured(ours=[FEW], growth=[FEW, MANY]))).splitlines()
    assert [line.split() for line in lines if line.startswith("p95_ms")][-1] == [
        "p95_ms",
        "64.7",
        "900.0",
    ]


def test_numbers_of_clients_are_said_with_commas() -> None:
    assert numbers("300") == [300]
    assert numbers("300, 1000,3000") == [300, 1000, 3000]


@pytest.mark.parametrize("written", ["", "many", "300,,1000", "0", "-5"])
def test_anything_else_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(MachineError, match="300,1000,3000"):
        numbers(written)
