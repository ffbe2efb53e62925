"""ClassroomSpawner: a pupil's server for one classroom, in a container of the course's image.

JupyterHub calls it. It says what differs from DockerSpawner and leaves the rest to it: the image
comes from the classroom's course version, limits from settings, and nothing from the request.
"""

import asyncio
import os
import weakref
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from dockerspawner import DockerSpawner
from jupyterhub.spawner import SpawnException
from traitlets import Any as AnyTrait
from traitlets import default

from technopark.catalogue.course import course_limits
from technopark.engine.client import open_engine
from technopark.engine.containers import HOME, PUPIL, hardened
from technopark.engine.devices import park_has_devices
from technopark.engine.events import DeathWatch
from technopark.engine.networks import PARK_LABEL
from technopark.front.cards import for_server
from technopark.language import of_request, translate
from technopark.people.lessons import Lesson, NoLessonError, lesson
from technopark.settings import Servers, Settings
from technopark.settings import load as load_settings
from technopark.store import Store, open_store

_running: weakref.WeakValueDictionary[str, "ClassroomSpawner"] = weakref.WeakValueDictionary()
"""By the name of the container."""
_notices: set[asyncio.Future[Any]] = set()
"""Notices under way; the event loop alone would not keep them."""


class ClassroomSpawner(DockerSpawner):
    """One named server per person and classroom; the server's name is the classroom's id."""

    settings: Settings = AnyTrait(help="The park's settings").tag(config=True)
    bridge_ip: str = AnyTrait(help="Address of the host on the pupils' bridge").tag(config=True)

    lesson: Lesson
    """What the running or starting server is for."""
    limits: Servers
    """What the starting server may use."""
    shared_files = ""
    """What the server is told of the files that it need not serve itself."""
    has_devices = False
    """Whether the park has GPUs to lease."""
    _threads: ThreadPoolExecutor | None = None
    _store: Store | None = None
    _watch: DeathWatch | None = None

    name_template = "{prefix}-{raw_username}--{raw_servername}"
    remove = True
    use_internal_ip = True
    pull_policy = "skip"  # images are built or pulled before a lesson, never in it

    @default("settings")
    def _settings(self) -> Settings:
        return load_settings()

    @default("cmd")
    def _cmd(self) -> list[str]:
        return ["/opt/server/bin/technopark-server"]

    @property
    def executor(self) -> ThreadPoolExecutor:
        """Threads for calls to the engine: several at a time, never on the hub's loop."""
        if ClassroomSpawner._threads is None:
            ClassroomSpawner._threads = ThreadPoolExecutor(
                self.settings.engine.threads, thread_name_prefix="engine"
            )
        return ClassroomSpawner._threads

    @property
    def client(self) -> Any:
        """The engine's client, shared by all servers; each call has a time-out."""
        if ClassroomSpawner._client is None:
            ClassroomSpawner._client = open_engine(self.settings.engine)
        return ClassroomSpawner._client

    @property
    def store(self) -> Store:
        """The park's store."""
        if ClassroomSpawner._store is None:
            ClassroomSpawner._store = open_store(self.settings.database_url)
        return ClassroomSpawner._store

    async def options_from_query(self, _options: object) -> dict[str, Any]:
        """Nothing in a server may be chosen by the address that opens it."""
        return {}

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """How far the waiting page's bar is; its words are its own, in the reader's language."""
        yield {"progress": 30}

    async def start(self) -> tuple[str, int]:
        """Starts the container; answers its address.

        Raises:
            SpawnException: the person is neither pupil nor teacher of the classroom.
        """
        await self._prepare()
        address = await self._start_container()
        self._watch_over()
        return address

    async def _prepare(self) -> None:
        """Finds out what the server is for and what it may use; makes the person's home."""
        try:
            self.lesson = await asyncio.to_thread(self._find_lesson)
        except NoLessonError as error:
            text = self._say("This class is not on your list. Open a class from your home page.")
            refusal = SpawnException(text, reason="rights", status_code=403, log_message=str(error))
            refusal.jupyterhub_html_message = text  # what the hub's pages show of an error
            raise refusal from None
        self.image = self.lesson.image
        self.limits = await asyncio.to_thread(course_limits, self._content, self.settings.servers)
        self.shared_files = await asyncio.to_thread(for_server, self.settings, self.image)
        self.has_devices = await asyncio.to_thread(park_has_devices, self.settings)
        await asyncio.to_thread(self._ensure_home)

    async def _start_container(self) -> tuple[str, int]:
        """Has the engine start the container with the server in it; answers its address."""
        address: tuple[str, int] = await super().start()
        return address

    async def poll(self) -> int | str | None:
        """None while the container runs; a hub that was restarted watches over it again."""
        status: int | str | None = await super().poll()
        if status is None:
            self._watch_over()
        return status

    def _find_lesson(self) -> Lesson:
        with self.store.read() as session:
            return lesson(session, self.user.name, self.name, self.settings.language)

    def _ensure_home(self) -> None:
        # Only the home itself is made here. What is inside belongs to the pupil, who could
        # put a link there; the server makes its own folders, as the pupil.
        home = self._home
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if home.stat().st_uid != PUPIL:
            home.chmod(0o700)
            os.chown(home, PUPIL, PUPIL)

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
            return {
                "user": f"{PUPIL}:{PUPIL}",
                "working_dir": HOME,
                "labels": {
                    PARK_LABEL: spawner.settings.network.name,
                    "technopark.person": spawner.user.name,
                    "technopark.classroom": spawner.name,
                },
            }

        return create_kwargs

    def _watch_over(self) -> None:
        _running[self.object_name] = self
        if ClassroomSpawner._watch is None:
            label = f"{PARK_LABEL}={self.settings.network.name}"
            ClassroomSpawner._watch = DeathWatch(self.settings.engine, label, _someone_died)

    def _say(self, text: str) -> str:
        if hasattr(self, "lesson"):
            return translate(text, self.lesson.language)
        handler = getattr(self, "handler", None)  # the request that asks for the server
        wanted = of_request(handler, self.settings.language) if handler else self.settings.language
        return translate(text, wanted)


def _someone_died(container: str) -> None:
    spawner = _running.get(container)
    if spawner and not spawner.pending:  # a stop or start that goes on knows better
        task = asyncio.ensure_future(spawner.poll_and_notify())
        _notices.add(task)
        task.add_done_callback(_notices.discard)
