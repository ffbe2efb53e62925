"""What holds in every image for the server stack; run in the image by /opt/server/bin/python."""

import importlib.util
import json
import os
import sys
from pathlib import Path

SERVER = Path("/opt/server")


def test_slow_imports_are_left_out():
    left_out = ("rfc3987_syntax", "lark", "notebook", "jupyter_lsp", "ipykernel", "IPython")
    assert [name for name in left_out if importlib.util.find_spec(name)] == []


def test_a_start_imports_no_database_and_a_panel_gets_it():
    from technopark_server.launch import left_out

    with left_out():
        import jupyterhub.singleuser
        import jupyterlab.labapp
    assert [name for name in ("sqlalchemy", "alembic", "requests") if name in sys.modules] == []

    import nbgrader.apps
    import sqlalchemy

    assert sqlalchemy.select
    assert jupyterhub.singleuser.main
    assert jupyterlab.labapp.LabApp
    assert nbgrader.apps.NbGraderApp


def test_nbgrader_is_the_servers():
    import nbgrader

    assert Path(nbgrader.__file__).is_relative_to(SERVER)


def test_the_kernel_is_the_courses():
    from jupyter_client.kernelspec import KernelSpecManager

    manager = KernelSpecManager(ensure_native_kernel=False)
    assert list(manager.find_kernel_specs()) == ["python3"]
    assert manager.get_kernel_spec("python3").argv[0] == "/opt/course/bin/python"


def test_lab_speaks_russian():
    from jupyterlab_server.translation_utils import get_language_pack, get_language_packs

    packs, _ = get_language_packs()
    assert set(packs) == {"en", "ru_RU"}
    texts, _ = get_language_pack("ru_RU")
    assert texts["jupyterlab"]["Save"] == ["Сохранить"]


def test_what_the_front_takes_for_browsers_is_there():
    made = SERVER / "share" / "technopark" / "browser"
    answer = json.loads((made / "translations" / "ru_RU.json").read_text(encoding="utf-8"))
    assert answer["data"]["jupyterlab"]["Save"] == ["Сохранить"]
    assert (made / "icons" / "favicon.ico").is_file()


def test_lab_finds_our_extensions():
    from jupyter_core.paths import jupyter_path
    from jupyterlab_server.config import get_federated_extensions

    from technopark_server.shared_files import EXTENSION

    found = get_federated_extensions(jupyter_path("labextensions"))
    assert {EXTENSION, "technopark-lab"} <= set(found)


def test_the_exchange_is_the_parks():
    from nbgrader.apps.baseapp import NbGrader
    from nbgrader.exchange import ExchangeFactory

    app = NbGrader()
    app.load_config_file()
    factory = ExchangeFactory(config=app.config)
    classes = [value for name, value in factory._trait_values.items() if isinstance(value, type)]
    assert len(classes) == 8
    assert {one.__module__.split(".")[0] for one in classes} == {"technopark_exchange"}
    assert app.config.CourseDirectory.course_id == os.environ.get("TECHNOPARK_CLASSROOM", "")


def test_panels_belong_to_the_role():
    file = SERVER / "etc" / "jupyter" / "labconfig" / "page_config.json"
    off = json.loads(file.read_text())["disabledExtensions"]
    is_grader = os.environ["TECHNOPARK_ROLE"] == "grader"
    assert off.get("technopark-lab", False) is is_grader
    assert off.get("@jupyter/nbgrader:assignment-list", False) is is_grader
    assert off.get("@jupyter/nbgrader", False) is not is_grader


def test_nbgraders_own_quickstart_course_is_there():
    import nbgrader

    course = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide" / "source"
    assert list(course.rglob("*.ipynb"))
