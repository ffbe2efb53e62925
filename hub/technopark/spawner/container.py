"""A server's container: made and started, and the server forked into it where that can be.

Rests on DockerSpawner, whose calls to the engine it spreads over threads; `in_line` says when it
is called. It knows nothing of lessons.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from docker.errors import APIError, DockerException, NotFound
from dockerspawner import DockerSpawner
from requests.exceptions import RequestException
from traitlets import Any as AnyTrait
from traitlets import default

from technopark.engine.client import open_engine
from technopark.engine.forks import (
    KERNELS,
    SERVER,
    NoForkError,
    StandsStillError,
    forget_silence,
    fork,
    idle_program,
)
from technopark.engine.parent import STILL, parent_folder, restart_parent
from technopark.problem import Problem
from technopark.settings import Settings
from technopark.settings import load as load_settings


class ContainerSpawner(DockerSpawner):
    """A server in a container of its own, forked or started as a program."""

    settings: Settings = AnyTrait(help="The park's settings").tag(config=True)

    is_forked = False
    """Whether the container that is being made is for a forked server."""
    _forked_into: int | None = None
    """Process 1 of the container that the server was forked into; None: started as a program."""
    _threads: ThreadPoolExecutor | None = None
    _waking: Future[None] | None = None
    """The last time that the parent was started anew, of all servers."""

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
    def forks_kernels(self) -> bool:
        """Whether the server's kernels are to be forked, too."""
        return True

    @property
    def executor(self) -> ThreadPoolExecutor:
        """Threads for calls to the engine: several at a time, never on the hub's loop."""
        if ContainerSpawner._threads is None:
            ContainerSpawner._threads = ThreadPoolExecutor(
                self.settings.engine.threads, thread_name_prefix="engine"
            )
        return ContainerSpawner._threads

    @property
    def client(self) -> Any:
        """The engine's client, shared by all servers; each call has a time-out."""
        if ContainerSpawner._client is None:
            ContainerSpawner._client = open_engine(self.settings.engine)
        return ContainerSpawner._client

    async def start_container(self) -> tuple[str, int]:
        """Has the server forked into a container, or started in it the ordinary way.

        Returns:
            Its address.
        """
        self._forked_into = None
        if self.settings.servers.way == "forked":
            try:
                return await self._start_forked()
            except (Problem, DockerException, RequestException) as error:
                self.log.warning("%s starts the ordinary way: %s", self._log_name, error)
                await self._clear_away()
        address: tuple[str, int] = await super().start()
        return address

    async def fork_kernels(self) -> None:
        """Has what its kernels are forked from forked into a server's container, once it answers.

        A server that was started as a program, or whose parent is away now, does without.
        """
        if self._forked_into is None or not self.forks_kernels:
            return
        try:
            await self._fork(self._forked_into, KERNELS)
        except NoForkError as error:
            self.log.warning("%s looks after its kernels itself: %s", self._log_name, error)

    async def _start_forked(self) -> tuple[str, int]:
        self.is_forked = True
        try:
            container = await self._create_anew()
        finally:
            self.is_forked = False
        self.object_id = container["Id"]
        await self.start_object()
        state = await self.docker("inspect_container", self.object_id)
        pid = int(state["State"]["Pid"])
        await self._fork(pid, SERVER, self.get_args())
        self._forked_into = pid
        return self.get_network_ip(state["NetworkSettings"]), self.port

    async def _fork(self, pid: int, program: str, arguments: Sequence[str] = ()) -> None:
        """Asked of the parent by the hub alone: nothing in a container can reach it."""
        folder = parent_folder(self.settings)
        asked = self.executor.submit(fork, folder, self.object_id, pid, program, arguments)
        try:
            await asyncio.wrap_future(asked)
        except StandsStillError as error:
            if error.seconds > STILL:
                self._wake_parent()
            raise

    def _wake_parent(self) -> None:
        """Has a parent that stands still started anew; nobody waits for that."""
        waking = ContainerSpawner._waking
        if waking is not None and not waking.done():
            return

        def wake() -> None:
            try:
                restart_parent(self.client, self.settings.network.name)
                forget_silence(parent_folder(self.settings))
            except (Problem, DockerException, RequestException) as error:
                self.log.warning("The node's parent stands still, and does not end: %s", error)
            else:
                self.log.warning("The node's parent stood still; it was started anew")

        ContainerSpawner._waking = self.executor.submit(wake)

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
        return idle_program()["command"] if self.is_forked else command
