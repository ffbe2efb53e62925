"""What browsers download, and what serves it: put in place before the processes start.

Called by `up`. Installs nginx only where the settings ask for it by name.
"""

from sqlalchemy import select

from technopark.front import nginx, ways
from technopark.front.gather import gather
from technopark.machine.debian import ensure_packages
from technopark.machine.proxy import ERROR_PAGES
from technopark.progress import step
from technopark.settings import Settings
from technopark.store import CourseVersion, open_store


def ensure_front(settings: Settings) -> None:
    """Gathers the files of the published courses' images, and prepares what serves them.

    Raises:
        MachineError: nginx is asked for and cannot be installed.
        EngineError: the engine does not answer.
    """
    if settings.web.front == "nginx" and ways.nginx_program() is None:
        ensure_packages(["nginx"], "nginx (`web.front`)")
    with step("What browsers download") as shown:
        new = gather(settings, _images_of_lessons(settings))
        shown.note = f"files of {new} images" if new else "all there"
    if ways.decide(settings) == "nginx":
        nginx.write_configuration(settings, ERROR_PAGES / "error.html")


def _images_of_lessons(settings: Settings) -> list[str]:
    store = open_store(settings.database_url)
    try:
        with store.read() as session:
            rows = session.execute(select(CourseVersion.image, CourseVersion.grader_image))
            return [image for row in rows for image in row]
    finally:
        store.close()
