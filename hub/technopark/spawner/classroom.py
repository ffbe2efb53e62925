"""ClassroomSpawner: a pupil's server for one classroom, in a container of the course's image.

JupyterHub calls it. The image comes from the classroom's course version, limits from settings, and
nothing from the request.
"""

import asyncio
from pathlib import Path
from typing import Any

from jupyterhub.spawner import SpawnException
from traitlets import Any as AnyTrait
from traitlets import default

from technopark.catalogue.course import course_limits
from technopark.engine.containers import HOME, PUPIL, hardened
from technopark.engine.devices import park_has_devices
from technopark.engine.forks import idle_program
from technopark.engine.networks import PARK_LABEL
from technopark.front.cards import for_server
from technopark.language import of_request, translate
from technopark.people.homes import ensure_home
from technopark.people.lessons import Lesson, NoLessonError, lesson
from technopark.settings import Servers
from technopark.spawner.in_line import LineSpawner
from technopark.store import Store, open_store


class ClassroomSpawner(LineSpawner):
    """One named server per person and classroom; the server's name is the classroom's id."""

    bridge_ip: str = AnyTrait(help="Address of the host on the pupils' bridge").tag(config=True)

    lesson: Lesson
    """What the running or starting server is for."""
    limits: Servers
    """What the starting server may use."""
    shared_files = ""
    """What the server is told of the files that it need not serve itself."""
    has_devices = False
    """Whether the park has GPUs to lease."""
    _store: Store | None = None

    name_template = "{prefix}-{raw_username}--{raw_servername}"

    @property
    def store(self) -> Store:
        """The park's store."""
        if ClassroomSpawner._store is None:
            ClassroomSpawner._store = open_store(self.settings.database_url)
        return ClassroomSpawner._store

    async def prepare(self) -> str:
        """Finds out what the server is for and what it may use; makes the person's home.

        Returns:
            The classroom's site.

        Raises:
            SpawnException: the person is neither pupil nor teacher of the classroom.
        """
        try:
            self.lesson = await asyncio.to_thread(self._find_lesson)
        except NoLessonError as error:
            text = "This class is not on your list. Open a class from your home page."
            raise self.refusal(text, "rights", 403, str(error)) from None
        self.image = self.lesson.image
        self.limits = await asyncio.to_thread(course_limits, self._content, self.settings.servers)
        self.shared_files = await asyncio.to_thread(for_server, self.settings, self.image)
        self.has_devices = await asyncio.to_thread(park_has_devices, self.settings)
        await asyncio.to_thread(self._ensure_home)
        return self.lesson.site

    def _find_lesson(self) -> Lesson:
        with self.store.read() as session:
            return lesson(session, self.user.name, self.name, self.settings.language)

    def _ensure_home(self) -> None:
        # Nothing inside of it: the server makes its own folders, as the pupil.
        ensure_home(self.settings, self.user.name)

    @property
    def forks_kernels(self) -> bool:
        """A grading server's kernels are few and run in sandboxes."""
        return not self.lesson.is_grading

    @property
    def _home(self) -> Path:
        home: Path = self.settings.homes / self.user.name
        return home

    @property
    def _content(self) -> Path:
        content: Path = self.settings.data / "courses" / self.lesson.content
        return content

    @property
    def volume_binds(self) -> dict[str, dict[str, str]]:
        """The person's home, and the course's material to read."""
        content = self._content
        binds = {
            str(self._home): {"bind": HOME, "mode": "rw"},
            str(content / "materials"): {"bind": "/course", "mode": "ro"},
        }
        if self.lesson.is_grading:
            binds[str(content / "source")] = {"bind": "/course-source", "mode": "ro"}
        return binds

    def get_env(self) -> dict[str, str]:
        """What a server knows of the park; see docs/architecture.md."""
        env: dict[str, str] = super().get_env()
        found = self.lesson
        env |= {
            "TECHNOPARK_CLASSROOM": found.classroom,
            "TECHNOPARK_ROLE": "grader" if found.is_grading else "pupil",
            "TECHNOPARK_EXCHANGE_URL": f"http://{self.bridge_ip}:{self.settings.exchange.port}",
            "TECHNOPARK_BROKER_URL": f"http://{self.bridge_ip}:{self.settings.ports.broker}",
            "TECHNOPARK_PORTAL_URL": f"http://{self.bridge_ip}:{self.settings.ports.portal}",
            "TECHNOPARK_LANGUAGE": found.language,
            "TECHNOPARK_STATIC": self.shared_files,
            "TZ": found.timezone,
            "LANG": "C.UTF-8",
        }
        if found.gpu_image and self.has_devices:
            env["TECHNOPARK_GPU"] = "1"
        if found.network:
            way_out = f"http://{found.classroom}:{self.api_token}@{self.bridge_ip}"
            way_out += f":{self.settings.ports.egress}"
            env |= {"HTTP_PROXY": way_out, "HTTPS_PROXY": way_out, "NO_PROXY": self.bridge_ip}
            env |= {name.lower(): env[name] for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")}
        return env

    @default("extra_host_config")
    def _hardening(self) -> Any:
        def host_config(spawner: "ClassroomSpawner") -> dict[str, Any]:
            limits = spawner.limits
            is_grading = spawner.lesson.is_grading
            memory = limits.grading_memory if is_grading else limits.memory
            return hardened(limits, memory=memory, home_in_memory=False)

        return host_config

    @default("extra_create_kwargs")
    def _labels(self) -> Any:
        def create_kwargs(spawner: "ClassroomSpawner") -> dict[str, Any]:
            entrypoint = {"entrypoint": idle_program()["entrypoint"]}
            return {
                **(entrypoint if spawner.is_forked else {}),
                "user": f"{PUPIL}:{PUPIL}",
                "working_dir": HOME,
                "labels": {
                    PARK_LABEL: spawner.settings.network.name,
                    "technopark.person": spawner.user.name,
                    "technopark.classroom": spawner.name,
                },
            }

        return create_kwargs

    def refusal(self, text: str, reason: str, status: int, told: str) -> SpawnException:
        """Why the server does not start: `text` for the person, `told` for the admin."""
        said = self._say(text)
        refusal = SpawnException(said, reason=reason, status_code=status, log_message=told)
        refusal.jupyterhub_html_message = said  # what the hub's pages show of an error
        return refusal

    def _say(self, text: str) -> str:
        if hasattr(self, "lesson"):
            return translate(text, self.lesson.language)
        handler = getattr(self, "handler", None)  # the request that asks for the server
        wanted = of_request(handler, self.settings.language) if handler else self.settings.language
        return translate(text, wanted)
