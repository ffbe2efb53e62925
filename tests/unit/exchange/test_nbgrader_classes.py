"""nbgrader's classes and panels on the running service, as a pupil and a teacher meet them."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError, ExchangeFactory, abc
from nbgrader.server_extensions.assignment_list.handlers import AssignmentList
from sqlalchemy import select
from traitlets.config import Config

import technopark_exchange as ours
from technopark.bench.rehearsal import token
from technopark.people import dues
from technopark.store import Assignment, Store

CONFIG = Config(
    {
        "ExchangeFactory": {
            "exchange": ours.Exchange,
            "fetch_assignment": ours.ExchangeFetchAssignment,
            "fetch_feedback": ours.ExchangeFetchFeedback,
            "release_assignment": ours.ExchangeReleaseAssignment,
            "release_feedback": ours.ExchangeReleaseFeedback,
            "list": ours.ExchangeList,
            "submit": ours.ExchangeSubmit,
            "collect": ours.ExchangeCollect,
        }
    }
)


class Desk:
    """Somebody's folder, and nbgrader in it."""

    def __init__(self, name: str, folder: Path, site: Any, patch: pytest.MonkeyPatch) -> None:
        self.name, self.folder, self.site, self.patch = name, folder, site, patch
        folder.mkdir()

    def sit_down(self) -> None:
        """What the spawner sets for this person's server."""
        self.patch.setenv("TECHNOPARK_EXCHANGE_URL", self.site.url)
        self.patch.setenv("JUPYTERHUB_API_TOKEN", token(self.name))
        self.patch.setenv("JUPYTERHUB_USER", self.name)
        self.patch.setenv("TECHNOPARK_LANGUAGE", "en")
        self.patch.chdir(self.folder)

    @property
    def coursedir(self) -> CourseDirectory:
        return CourseDirectory(
            course_id="data-6a", assignment_id="ps1", root=str(self.folder), config=CONFIG
        )

    def do(self, what: str, **traits: Any) -> Any:
        """Runs one of the exchange's classes, such as `Submit`."""
        self.sit_down()
        coursedir = traits.pop("coursedir", self.coursedir)
        one = getattr(ExchangeFactory(config=CONFIG), what)(coursedir=coursedir, **traits)
        return one.start()

    @property
    def api(self) -> NbGraderAPI:
        self.sit_down()
        return NbGraderAPI(coursedir=self.coursedir, config=CONFIG)

    @property
    def panel(self) -> AssignmentList:
        """The Lab panel's server side."""
        self.sit_down()
        (self.folder / "nbgrader_config.py").write_text(
            "c = get_config()\n"
            + "".join(
                f"c.ExchangeFactory.{trait} = {f'technopark_exchange.{cls.__name__}'!r}\n"
                for trait, cls in CONFIG.ExchangeFactory.items()
            )
        )
        panel = AssignmentList()
        panel.root_dir = str(self.folder)
        return panel


@pytest.fixture
def desk(
    site: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, released: dict[str, Any]
) -> Callable[[str], Desk]:
    return lambda name: Desk(name, tmp_path / f"desk-{name}", site, monkeypatch)


@pytest.fixture
def pupil(desk: Callable[[str], Desk]) -> Desk:
    """Masha, who has fetched ps1."""
    masha = desk("masha")
    masha.do("FetchAssignment")
    return masha


@pytest.fixture(scope="module")
def empty_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: nbgrader takes seconds for it, and calls `alembic` by name."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    programs = Path(sys.executable).parent
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
        Gradebook(f"sqlite:///{path}", "data-6a").close()
    return path


@pytest.fixture
def class_teacher(desk: Callable[[str], Desk], empty_gradebook: Path) -> Desk:
    """Anna, in whose gradebook ps1 is due when everybody thinks it is."""
    anna = desk("anna")
    shutil.copy(empty_gradebook, anna.folder / "gradebook.db")
    with Gradebook(anna.coursedir.db_url, "data-6a") as gradebook:
        gradebook.add_assignment("ps1", duedate=anna.site.due.replace(tzinfo=None))
    return anna


def handed_in(pupil: Desk, work: str) -> dict[str, Any]:
    """Writes the notebook and hands it in; the receipt that lies beside it."""
    (pupil.folder / "ps1" / "ps1.ipynb").write_text(work)
    pupil.do("Submit")
    files = sorted(
        (pupil.folder / "ps1" / "receipts").iterdir(), key=lambda path: path.stat().st_mtime
    )
    receipts = [json.loads(path.read_text()) for path in files]
    listed = pupil.do("List", cached=True)[0]["submissions"]
    assert {one["id"] for one in receipts} == {one["receipt"] for one in listed}
    return receipts[-1]


def test_all_classes_of_nbgraders_exchange_are_there() -> None:
    for name in set(abc.__all__) - {"ExchangeError"}:
        assert issubclass(getattr(ours, name), getattr(abc, name))
    assert ours.ExchangeError is ExchangeError


def test_the_receipt_lies_beside_the_notebook_and_is_never_handed_in(
    pupil: Desk, masha: httpx.Client
) -> None:
    receipt = handed_in(pupil, "A")

    assert receipt[""] == "“ps1” is handed in, 2026-11-25 17:00:00 MSK. Receipt no. " + (
        f"{receipt['id']}."
    )
    path = pupil.folder / "ps1" / "receipts" / f"2026-11-25 17-00-00 {receipt['id']}.json"
    assert path.is_file()
    assert handed_in(pupil, "A") == receipt, "a receipt in the folder is no other work"
    assert receipt["files"] == 1


def test_what_nbgrader_ignores_is_not_handed_in(pupil: Desk) -> None:
    for name in (".ipynb_checkpoints/ps1-checkpoint.ipynb", "feedback/x.html", "a.pyc", "b.csv"):
        path = pupil.folder / "ps1" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")

    assert handed_in(pupil, "A")["files"] == 2


def test_a_link_is_refused_in_the_services_words(pupil: Desk) -> None:
    (pupil.folder / "ps1" / "answers").symlink_to("/etc")

    with pytest.raises(ExchangeError, match="“answers” is a link, not a file"):
        pupil.do("Submit")
    assert not (pupil.folder / "ps1" / "receipts").exists()


def test_nobody_hands_in_for_another(pupil: Desk) -> None:
    coursedir = pupil.coursedir
    coursedir.student_id = "petya"
    with pytest.raises(ExchangeError, match="for yourself only"):
        pupil.do("Submit", coursedir=coursedir)


def test_a_missing_notebook_is_said_and_with_strict_refused(pupil: Desk) -> None:
    (pupil.folder / "ps1" / "ps1.ipynb").rename(pupil.folder / "ps1" / "mine.ipynb")

    pupil.do("Submit")
    with pytest.raises(ExchangeError, match=r"The work lacks: ps1\.ipynb"):
        pupil.do("Submit", strict=True)


def test_fetching_never_touches_what_a_pupil_wrote(pupil: Desk, teacher: httpx.Client) -> None:
    from technopark.bench.rehearsal import archive

    notebook = pupil.folder / "ps1" / "ps1.ipynb"
    notebook.write_text("my work")
    newer = archive({"ps1.ipynb": b"mended", "data/new.csv": b"1"})
    teacher.put(pupil.site.ps1, content=newer, params={"replace": "true"}).raise_for_status()

    with pytest.raises(ExchangeError, match="Nothing was changed"):
        pupil.do("FetchAssignment")
    pupil.do("FetchAssignment", replace_missing_files=True)

    assert notebook.read_text() == "my work"
    assert (pupil.folder / "ps1" / "data" / "new.csv").read_text() == "1"
    notebook.unlink()
    pupil.do("FetchAssignment", replace_missing_files=True)
    assert notebook.read_text() == "mended"
    assert {path.name for path in pupil.folder.iterdir()} == {"ps1"}


def test_collected_work_carries_the_servers_time(pupil: Desk, class_teacher: Desk) -> None:
    (pupil.folder / "ps1" / "timestamp.txt").write_text("2020-01-01 00:00:00 UTC")
    receipt = handed_in(pupil, "A")
    class_teacher.do("Collect")

    folder = class_teacher.folder / "submitted" / "masha" / "ps1"
    assert (folder / "ps1.ipynb").read_text() == "A"
    collected_at = class_teacher.coursedir.get_existing_timestamp(str(folder))
    assert collected_at.replace(tzinfo=UTC) == pupil.site.before
    assert json.loads((folder / "receipt.json").read_text())["id"] == receipt["id"]
    assert {path.name for path in folder.parent.iterdir()} == {"ps1"}


def test_collecting_again_takes_newer_work_only_when_told(pupil: Desk, class_teacher: Desk) -> None:
    handed_in(pupil, "A")
    class_teacher.do("Collect")
    handed_in(pupil, "B")
    notebook = class_teacher.folder / "submitted" / "masha" / "ps1" / "ps1.ipynb"

    class_teacher.do("Collect")
    assert notebook.read_text() == "A"
    class_teacher.do("Collect", update=True)
    assert notebook.read_text() == "B"


def test_a_teacher_may_choose_the_last_work_before_the_deadline(
    pupil: Desk, class_teacher: Desk
) -> None:
    handed_in(pupil, "A")
    pupil.site.set_clock(pupil.site.after)
    handed_in(pupil, "B")
    notebook = class_teacher.folder / "submitted" / "masha" / "ps1" / "ps1.ipynb"

    class_teacher.do("Collect")
    assert notebook.read_text() == "B"
    class_teacher.do("Collect", before_duedate=True)
    assert notebook.read_text() == "A"


def test_who_goes_back_to_an_earlier_version_is_graded_anew(
    pupil: Desk, class_teacher: Desk
) -> None:
    handed_in(pupil, "A")
    pupil.site.set_clock(pupil.site.after)
    handed_in(pupil, "B")
    class_teacher.do("Collect")
    graded = class_teacher.folder / "autograded" / "masha" / "ps1"
    graded.mkdir(parents=True)
    (graded / "timestamp.txt").write_text("2026-11-25 16:00:00 UTC")

    handed_in(pupil, "A")
    class_teacher.do("Collect", update=True)

    assert (class_teacher.folder / "submitted/masha/ps1/ps1.ipynb").read_text() == "A"
    assert not graded.exists(), "nbgrader would keep the later graded copy"


def test_the_gradebooks_due_date_counts(
    pupil: Desk, class_teacher: Desk, teacher: httpx.Client
) -> None:
    pupil.site.set_clock(pupil.site.after)
    handed_in(pupil, "A")
    due = (pupil.site.after + timedelta(days=1)).replace(tzinfo=None)
    with Gradebook(class_teacher.coursedir.db_url, "data-6a") as gradebook:
        gradebook.update_or_create_assignment("ps1", duedate=due)

    class_teacher.do("Collect")

    assert teacher.get(f"{pupil.site.ps1}/collection").json()[0]["late"] is False
    receipt = json.loads((class_teacher.folder / "submitted/masha/ps1/receipt.json").read_text())
    assert receipt["due"] == "2026-11-26T16:00:00.000000Z"


def test_a_deadline_moved_elsewhere_stands_and_the_gradebook_follows(
    pupil: Desk, class_teacher: Desk, teacher: httpx.Client, park: Store
) -> None:
    class_teacher.do("Collect")
    with park.write() as session:
        assignment = session.scalars(select(Assignment)).one()
        dues.move(assignment, pupil.site.after + timedelta(days=2))
    pupil.site.set_clock(pupil.site.after)
    handed_in(pupil, "A")

    for _ in range(2):
        class_teacher.do("Collect")

        assert teacher.get(f"{pupil.site.ps1}/collection").json()[0]["late"] is False
        with Gradebook(class_teacher.coursedir.db_url, "data-6a") as gradebook:
            due = gradebook.find_assignment("ps1").duedate
        assert due == (pupil.site.after + timedelta(days=2)).replace(tzinfo=None)


def test_releasing_again_needs_force(class_teacher: Desk, masha: httpx.Client) -> None:
    release = class_teacher.folder / "release" / "ps1"
    with pytest.raises(ExchangeError, match="no folder"):
        class_teacher.do("ReleaseAssignment")
    release.mkdir(parents=True)
    (release / "ps1.ipynb").write_text("mended")

    with pytest.raises(ExchangeError, match="--force"):
        class_teacher.do("ReleaseAssignment")
    class_teacher.do("ReleaseAssignment", force=True)

    listed = masha.get("/assignments").json()[0]
    assert (listed["version"], listed["due"]) == (2, "2026-11-25T15:00:00.000000Z")


def test_formgrader_lists_releases_collects_and_takes_back(
    pupil: Desk, class_teacher: Desk
) -> None:
    handed_in(pupil, "A")
    api = class_teacher.api

    assert api.exchange_is_functional
    assert api.get_released_assignments() == {"ps1"}
    assert api.collect("ps1")["success"]
    assert api.get_submitted_students("ps1") == {"masha"}
    assert api.unrelease("ps1")["success"]
    assert api.get_released_assignments() == set()


def test_formgrader_opens_while_the_exchange_is_away(
    class_teacher: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("technopark_exchange.list._PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(class_teacher.site, "url", "http://127.0.0.1:1")

    assert not class_teacher.api.exchange_is_functional


def test_the_panel_shows_each_step_of_a_pupils_work(
    desk: Callable[[str], Desk], class_teacher: Desk
) -> None:
    pupil = desk("masha")
    panel = pupil.panel
    found = panel.list_assignments("data-6a")["value"]
    assert [(one["assignment_id"], one["status"]) for one in found] == [("ps1", "released")]
    assert panel.list_courses()["value"] == ["data-6a"]

    assert panel.fetch_assignment("data-6a", "ps1")["success"]
    fetched = panel.list_assignments("data-6a")["value"][0]
    assert (fetched["status"], fetched["path"]) == ("fetched", "ps1")
    assert fetched["notebooks"] == [{"notebook_id": "ps1", "path": "ps1/ps1.ipynb"}]

    assert panel.submit_assignment("data-6a", "ps1")["success"]
    submission = panel.list_assignments("data-6a")["value"][1]["submissions"][0]
    assert submission["timestamp"] == "2026-11-25 17:00:00 MSK"
    assert not submission["has_exchange_feedback"]

    for text in ("well done", "very well done"):
        give_feedback(class_teacher, text)
        submission = pupil.panel.list_assignments("data-6a")["value"][1]["submissions"][0]
        assert submission["has_exchange_feedback"]
        assert submission["has_local_feedback"] is (text != "well done")
        assert submission["feedback_updated"] is (text != "well done")

        assert pupil.panel.fetch_feedback("data-6a", "ps1")["success"]
        submission = pupil.panel.list_assignments("data-6a")["value"][1]["submissions"][0]
        assert submission["has_local_feedback"]
        assert not submission["feedback_updated"]
        page = pupil.folder / submission["local_feedback_path"] / "ps1.html"
        assert page.read_text() == text


def give_feedback(teacher: Desk, text: str) -> None:
    """Collects, and releases a page for masha as nbgrader would have made it."""
    teacher.do("Collect")
    folder = teacher.folder / "feedback" / "masha" / "ps1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ps1.html").write_text(text)
    collected = teacher.folder / "submitted" / "masha" / "ps1" / "receipt.json"
    (folder / "receipt.json").write_text(collected.read_text())
    assert teacher.api.release_feedback("ps1", "masha")["success"]


def test_feedback_that_cannot_go_out_does_not_hold_up_the_others(
    pupil: Desk, class_teacher: Desk, masha: httpx.Client
) -> None:
    handed_in(pupil, "A")
    stray = class_teacher.folder / "feedback" / "aaron" / "ps1"
    stray.mkdir(parents=True)
    (stray / "ps1.html").write_text("collected by hand")

    class_teacher.do("Collect")
    folder = class_teacher.folder / "feedback" / "masha" / "ps1"
    folder.mkdir(parents=True)
    (folder / "ps1.html").write_text("well done")
    collected = class_teacher.folder / "submitted" / "masha" / "ps1" / "receipt.json"
    (folder / "receipt.json").write_text(collected.read_text())

    with pytest.raises(ExchangeError, match="aaron: Feedback not released"):
        class_teacher.do("ReleaseFeedback")
    assert masha.get("/submissions").json()[0]["feedback"]


def test_submissions_are_never_removed(pupil: Desk, class_teacher: Desk) -> None:
    handed_in(pupil, "A")
    with pytest.raises(ExchangeError, match="never removed"):
        class_teacher.do("List", inbound=True, remove=True)
    inbound = class_teacher.do("List", inbound=True)
    assert [(one["student_id"], len(one["submissions"])) for one in inbound] == [("masha", 1)]


def test_a_server_that_is_not_set_up_says_so(pupil: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    pupil.sit_down()
    monkeypatch.delenv("TECHNOPARK_EXCHANGE_URL")
    with pytest.raises(ExchangeError, match="TECHNOPARK_EXCHANGE_URL is missing"):
        ExchangeFactory(config=CONFIG).List(coursedir=pupil.coursedir).start()
    assert os.environ["JUPYTERHUB_USER"] == "masha"
