"""What a single-user server has, by the environment that the spawner sets.

Read by jupyter_server at each start. It imports nothing heavy: a whole class starts at the bell.
"""

import os
import shutil
from pathlib import Path

c = get_config()  # noqa: F821  # jupyter_server puts it here

ROLE = os.environ.get("TECHNOPARK_ROLE", "pupil")
LANGUAGE = os.environ.get("TECHNOPARK_LANGUAGE", "ru")
CLASSROOM = os.environ.get("TECHNOPARK_CLASSROOM", "")
SETTINGS = Path("/opt/server/share/technopark/settings")

# technopark_server chooses nbgrader's panels by TECHNOPARK_ROLE.
c.ServerApp.jpserver_extensions = {
    "jupyterlab": True,
    "jupyter_server_terminals": True,
    "notebook_shim": False,
    "technopark_server": True,
    "technopark_forked.kernels": ROLE == "pupil",
    "technopark_grading": ROLE == "grader",
    "technopark_lab": ROLE == "pupil",
}
ROOT = Path.home() / CLASSROOM
ROOT.mkdir(exist_ok=True)  # made here, as the pupil: the home's owner decides what is in it
c.ServerApp.root_dir = str(ROOT)

# The course's texts, in the file browser under a name that a child understands.
TEXTS = ROOT / ("материалы" if LANGUAGE == "ru" else "materials")
if ROLE == "pupil" and not os.path.lexists(TEXTS):
    TEXTS.symlink_to("/course")

# Open tabs belong to a classroom: the home is the same in all of them. A pupil's first look at a
# classroom shows its assignments.
WORKSPACES = Path.home() / ".jupyter" / "lab" / "workspaces" / CLASSROOM
FIRST_LOOK = WORKSPACES / "default-37a8.jupyterlab-workspace"  # Lab's own name of "default"
if ROLE == "pupil" and not FIRST_LOOK.exists():
    WORKSPACES.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(SETTINGS / "first-look.json", FIRST_LOOK)
c.LabApp.workspaces_dir = str(WORKSPACES)
c.ServerApp.quit_button = False
c.ServerApp.port_retries = 0
c.FileContentsManager.delete_to_trash = False
c.FileContentsManager.always_delete_dir = True
c.KernelSpecManager.ensure_native_kernel = False

# A class shares one line. With less memory a websocket compresses nearly as well.
c.ServerApp.tornado_settings = {"compress_response": True}
c.ServerApp.websocket_compression_options = {"compression_level": 6, "mem_level": 5}

# Nobody in a lesson wants news, updates or extensions, and a server has no way out to get them.
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.handlers.announcements.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
c.LabApp.app_settings_dir = str(SETTINGS / (LANGUAGE if LANGUAGE in ("ru", "en") else "ru"))

if os.environ.get("TECHNOPARK_GPU") == "1":
    import technopark_kernels

    technopark_kernels.switch_on(c)
