"""ClassroomSpawner: a pupil's server for one classroom, in a container of the course's image.

JupyterHub calls it. It says what differs from DockerSpawner and leaves the rest to it: the image
comes from the classroom's course version, limits from settings, and nothing from the request.
"""

import asyncio
import os
import time
import weakref
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

from docker.errors import APIError, DockerException, NotFound
from dockerspawner import DockerSpawner
from jupyterhub.apihandlers.base import APIHandler
from jupyterhub.handlers.pages import SpawnHandler
from jupyterhub.spawner import SpawnException
from requests.exceptions import RequestException
from traitlets import Any as AnyTrait
from traitlets import default

from technopark.admission.answer import until_it_answers
from technopark.admission.line import Line, NoRoomError, the_line
from technopark.admission.order import Start
from technopark.admission.words import news
from technopark.catalogue.course import course_limits
from technopark.engine.client import open_engine
from technopark.engine.containers import HOME, PUPIL, hardened
from technopark.engine.devices import park_has_devices
from technopark.engine.events import DeathWatch
from technopark.engine.forks import fork, idle_program
from technopark.engine.networks import PARK_LABEL
from technopark.engine.parent import parent_folder
from technopark.front.cards import for_server
from technopark.language import of_request, translate
from technopark.people.lessons import Lesson, NoLessonError, lesson
from technopark.problem import Problem
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

    user_options: dict[str, Any]
    """What the start was asked for with; JupyterHub keeps it for the next one."""
    lesson: Lesson
    """What the running or starting server is for."""
    limits: Servers
    """What the starting server may use."""
    shared_files = ""
    """What the server is told of the files that it need not serve itself."""
    _death: asyncio.Event
    """Set when a container of this name has ended."""
    _is_forked = False
    """Whether the container that is being made is for a forked server."""
    has_devices = False
    """Whether the park has GPUs to lease."""
    _threads: ThreadPoolExecutor | None = None
    _store: Store | None = None
    _watch: DeathWatch | None = None

    name_template = "{prefix}-{raw_username}--{raw_servername}"
    remove = True
    use_internal_ip = True
    pull_policy = "skip"  # images are built or pulled before a lesson, never in it

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._death = asyncio.Event()

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

    @property
    def line(self) -> Line:
        """The line before every start, the same for all servers."""
        return the_line(self.settings)

    async def options_from_query(self, _options: object) -> dict[str, Any]:
        """Nothing in a server may be chosen by the address that opens it."""
        return {}

    @default("options_from_form")
    def _options_from_form(self) -> Any:
        def nothing(_form: object) -> dict[str, Any]:
            return {}

        return nothing

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """Where this start stands, again and again; whoever reads it is waiting in person."""
        async with aclosing(self.line.watch(self._in_line)) as looks:
            async for look in looks:
                yield news(look, self.settings.language)

    async def start(self) -> tuple[str, int]:
        """Waits for its turn, starts the container and waits until the server answers.

        Returns:
            Its address.

        Raises:
            SpawnException: the person is neither pupil nor teacher of the classroom, the machine
                has no memory for the server, or the server did not answer in time.
        """
        asked_at, is_warm = time.monotonic(), self._take_warm()
        self.line.know(self._in_line, self)
        await self._prepare()
        wish = Start(self.user.name, self.name, self.lesson.site, asked_at, is_warm)
        has_page = isinstance(self.handler, SpawnHandler)
        try:
            async with self.line.turn(wish, self._leave_line if has_page else None):
                return await self._start_in_time()
        except NoRoomError as error:
            text = (
                "All computers of the park are busy, and none has become free for a long time. "
                "Tell your teacher. Everything you saved is there."
            )
            raise self._refusal(text, "memory", 503, str(error)) from None

    async def _start_in_time(self) -> tuple[str, int]:
        """Starts the server within `servers.start_timeout`, which begins only now."""
        seconds = self.settings.servers.start_timeout
        self._death.clear()
        _running[self.object_name] = self
        try:
            async with asyncio.timeout(seconds):
                ip, port = await self._start_container()
                self._watch_over()
                answer = until_it_answers(ip, port, f"{self.server.base_url}api", seconds)
                await self._unless_it_dies(answer)
        except TimeoutError:
            text = (
                "Your computer did not switch on in time. Try again. If it does not help, tell "
                "your teacher."
            )
            told = f"{self._log_name} did not answer within {seconds:g} s"
            raise self._refusal(text, "timeout", 504, told) from None
        return ip, port

    async def _unless_it_dies(self, answer: Coroutine[Any, Any, None]) -> None:
        """Waits for `answer`, or less long: until the container has ended.

        Raises:
            SpawnException: it has.
        """
        waits = asyncio.ensure_future(answer)
        ends = asyncio.ensure_future(self._end())
        try:
            await asyncio.wait({waits, ends}, return_when=asyncio.FIRST_COMPLETED)
            if not waits.done():
                told = f"{self._log_name} ended as it started: {ends.result()}"
                text = "Your computer in the park did not start."
                raise self._refusal(text, "died", 500, told)
            waits.result()
        finally:
            waits.cancel()
            ends.cancel()

    async def _end(self) -> int | str:
        """How the container ended, once it has."""
        while True:
            await self._death.wait()
            self._death.clear()  # perhaps an older container of this name was meant
            status = await self.poll()
            if status is not None:
                return status

    def _take_warm(self) -> bool:
        """Whether this start is to be ready before the lesson, with nobody waiting for it.

        Only the API may say so, and each time anew: what JupyterHub remembers is forgotten.
        """
        said = self.user_options.get("warm") is True and isinstance(self.handler, APIHandler)
        if self.user_options:
            self.user_options, self.orm_spawner.user_options = {}, {}
            self.db.commit()
        return said

    def _leave_line(self) -> None:
        """Ends a start that still waits, as if it had never been asked for."""
        future = self._spawn_future
        if future is None:
            return
        self._stop_pending = True  # or it would count as ready until it is stopped
        future.cancel()

        async def clear_up() -> None:
            await asyncio.wait([future])
            await self.user.stop(self.name)

        _keep(asyncio.ensure_future(clear_up()))

    @property
    def _in_line(self) -> tuple[str, str]:
        return self.user.name, self.name

    async def _prepare(self) -> None:
        """Finds out what the server is for and what it may use; makes the person's home."""
        try:
            self.lesson = await asyncio.to_thread(self._find_lesson)
        except NoLessonError as error:
            text = "This class is not on your list. Open a class from your home page."
            raise self._refusal(text, "rights", 403, str(error)) from None
        self.image = self.lesson.image
        self.limits = await asyncio.to_thread(course_limits, self._content, self.settings.servers)
        self.shared_files = await asyncio.to_thread(for_server, self.settings, self.image)
        self.has_devices = await asyncio.to_thread(park_has_devices, self.settings)
        await asyncio.to_thread(self._ensure_home)

    async def _start_container(self) -> tuple[str, int]:
        """Has the server forked into a container, or started in it the ordinary way.

        Returns:
            Its address.
        """
        if self.settings.servers.way == "forked":
            try:
                return await self._start_forked()
            except (Problem, DockerException, RequestException) as error:
                self.log.warning("%s starts the ordinary way: %s", self._log_name, error)
                await self._clear_away()
        address: tuple[str, int] = await super().start()
        return address

    async def _start_forked(self) -> tuple[str, int]:
        self._is_forked = True
        try:
            container = await self._create_anew()
        finally:
            self._is_forked = False
        self.object_id = container["Id"]
        await self.start_object()
        state = await self.docker("inspect_container", self.object_id)
        folder, pid = parent_folder(self.settings), state["State"]["Pid"]
        asked = self.executor.submit(fork, folder, self.object_id, pid, "server", self.get_args())
        await asyncio.wrap_future(asked)
        return self.get_network_ip(state["NetworkSettings"]), self.port

    async def _create_anew(self) -> Any:
        """A new container; one of the same name that was left over is removed."""
        try:
            return await self.create_object()
        except APIError as error:
            if error.status_code != HTTPStatus.CONFLICT:
                raise
        await self._clear_away()
        return await self.create_object()

    async def _clear_away(self) -> None:
        with suppress(NotFound):
            await self.docker("remove_container", self.container_name, force=True, v=True)
        self.object_id = ""

    async def get_command(self) -> list[str]:
        """What runs as the container's program; beside a forked server, next to nothing."""
        command: list[str] = await super().get_command()
        return idle_program()["command"] if self._is_forked else command

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
            entrypoint = {"entrypoint": idle_program()["entrypoint"]}
            return {
                **(entrypoint if spawner._is_forked else {}),
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
        self.line.know(self._in_line, self)
        _running[self.object_name] = self
        if ClassroomSpawner._watch is None:
            label = f"{PARK_LABEL}={self.settings.network.name}"
            ClassroomSpawner._watch = DeathWatch(
                self.settings.engine, label, _someone_died, _look_at_all
            )

    def _refusal(self, text: str, reason: str, status: int, told: str) -> SpawnException:
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


def _someone_died(container: str) -> None:
    spawner = _running.get(container)
    if spawner is None:
        return
    spawner._death.set()
    _look_at(spawner)


def _look_at_all() -> None:
    for spawner in list(_running.values()):
        _look_at(spawner)


def _look_at(spawner: ClassroomSpawner) -> None:
    if not spawner.pending:  # a stop or start that goes on knows better
        _keep(asyncio.ensure_future(spawner.poll_and_notify()))


def _keep(task: asyncio.Future[Any]) -> None:
    _notices.add(task)
    task.add_done_callback(_notices.discard)
