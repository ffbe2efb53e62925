"""What pupils of a robotics course import, and what their browser needs for 3D."""

import json
from pathlib import Path


def test_things_fall_in_mujoco():
    import mujoco

    ball = "<body pos='0 0 1'><freejoint/><geom size='.1'/></body>"
    model = mujoco.MjModel.from_xml_string(f"<mujoco><worldbody>{ball}</worldbody></mujoco>")
    data = mujoco.MjData(model)
    mujoco.mj_step(model, data, nstep=100)
    assert data.qpos[2] < 1


def test_pythreejs_and_its_part_of_the_page_are_there():
    import pythreejs

    extensions = Path("/opt/course/share/jupyter/labextensions")
    for name in ("jupyter-threejs", "jupyterlab-datawidgets", "ipycanvas"):
        assert json.loads((extensions / name / "package.json").read_text())["name"] == name
    assert pythreejs.BoxGeometry().width == 1


def test_the_parks_robots_are_there():
    import technopark_robots

    assert technopark_robots.__file__.startswith("/opt/course/")


def test_pictures_are_read():
    from PIL import Image

    assert Image.new("RGB", (2, 2)).getpixel((0, 0)) == (0, 0, 0)
