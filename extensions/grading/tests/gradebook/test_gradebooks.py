"""One engine for all steps of grading, in the places where nbgrader opens a gradebook."""

from pathlib import Path
from types import ModuleType

import nbgrader.api
import pytest
from traitlets.config import Config

from technopark_grading import nbgrader_settings
from technopark_grading.gradebook import gradebooks


@pytest.fixture(autouse=True)
def as_in_the_grading_server() -> None:
    nbgrader_settings.configure(Config())


@pytest.mark.parametrize("module", gradebooks.OPENERS, ids=lambda module: module.__name__)
def test_nbgraders_grading_opens_its_gradebook_here(module: ModuleType) -> None:
    assert module.Gradebook is gradebooks.opened


def test_it_has_all_that_nbgraders_own_has(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with nbgrader.api.Gradebook(url, "robots-5") as theirs, gradebooks.opened(url) as ours:
        assert vars(ours).keys() == vars(theirs).keys()
        assert isinstance(ours, nbgrader.api.Gradebook)


def test_what_one_step_wrote_the_next_one_reads_on_the_same_engine(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with gradebooks.opened(url, "robots-5") as first:
        first.add_student("masha")
    with gradebooks.opened(url, "robots-5") as second:
        assert second.find_student("masha").id == "masha"
        assert second.engine is first.engine
    gradebooks.to_disk(url, "robots-5")


def test_another_file_in_the_place_of_a_gradebook_is_noticed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with gradebooks.opened(url, "robots-5") as first:
        first.add_student("masha")
    (tmp_path / "gradebook.db").rename(tmp_path / "old.db")
    with gradebooks.opened(url, "robots-5") as second:
        assert second.students == []
