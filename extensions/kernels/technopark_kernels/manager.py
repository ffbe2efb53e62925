"""The kernels of a pupil's server, leased and local ones side by side.

Jupyter Server's handlers call it. A leased kernel is there at once and waits in line; whatever ends
the wait (interrupt, shutdown, another kernel) leaves the line. Local kernels go the usual way.
"""

import asyncio
from typing import Any

from jupyter_client.kernelspec import NoSuchKernel
from jupyter_server._tz import utcnow
from traitlets import default

from technopark_kernels.inner import PendingKernels
from technopark_kernels.kernel import ParkKernel, asks_for_lease
from technopark_kernels.words import say

_MINUTE = 60.0


class LeasingKernelManager(PendingKernels):
    """Starts, restarts, interrupts and ends kernels."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._minded: dict[str, asyncio.Task[None]] = {}
        self._restarts: dict[str, asyncio.Task[None]] = {}

    @default("kernel_manager_class")
    def _our_kernels(self) -> str:
        return "technopark_kernels.kernel.ParkKernel"

    async def start_kernel(self, *, kernel_name: str | None = None, **arguments: Any) -> str:
        """Starts a kernel and returns its id; a leased one is only asked for when this returns."""
        if not self._is_leased(kernel_name):
            return str(await super().start_kernel(kernel_name=kernel_name, **arguments))
        with self.pending():
            kernel_id = str(await super().start_kernel(kernel_name=kernel_name, **arguments))
        if kernel_id not in self._minded:
            self._minded[kernel_id] = asyncio.create_task(self._mind(kernel_id))
        return kernel_id

    async def interrupt_kernel(self, kernel_id: str) -> None:
        """Interrupts what runs; a kernel that waits leaves the line."""
        kernel = self.get_kernel(kernel_id)
        if not kernel.is_leased or kernel.standing.phase == "running":
            await super().interrupt_kernel(kernel_id)
        elif kernel.standing.phase == "waiting":
            _leave(kernel)

    async def restart_kernel(self, kernel_id: str, now: bool = False) -> Any:
        """Restarts a kernel; a leased one is asked for again, and keeps its place if it has one."""
        kernel = self.get_kernel(kernel_id)
        if not kernel.is_leased:
            return await super().restart_kernel(kernel_id, now=now)
        if kernel.standing.phase == "waiting":
            kernel.standing.forget()
            return None
        has_ended = kernel.standing.phase == "ended"
        kernel.standing.begin()
        self._let_rest(kernel_id, "starting")
        self._restarts[kernel_id] = asyncio.create_task(
            self._restart(kernel_id, kernel, now or has_ended)
        )
        return None

    async def shutdown_kernel(
        self, kernel_id: str, now: bool = False, restart: bool = False
    ) -> None:
        """Ends a kernel; one that waits leaves the line, and nobody waits for that."""
        kernel = self.get_kernel(kernel_id)
        if kernel.is_leased:
            await self._stop_waiting(kernel_id, kernel)
        try:
            await super().shutdown_kernel(kernel_id, now=now, restart=restart)
        finally:
            self._forget(kernel_id)

    async def shutdown_all(self, now: bool = False) -> None:
        """Ends all kernels, as the server itself ends."""
        for kernel_id in self.list_kernel_ids():
            kernel = self.get_kernel(kernel_id)
            if kernel.is_leased:
                await self._stop_waiting(kernel_id, kernel)
        await super().shutdown_all(now=now)
        minded = list(self._minded.values())
        for kernel_id in list(self._minded):
            self._forget(kernel_id)
        await asyncio.gather(*minded, return_exceptions=True)

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """Ends a kernel that nobody uses; whoever waits in line is no such one."""
        kernel = self.get_kernel(kernel_id)
        if not (kernel.is_leased and kernel.standing.phase == "waiting"):
            await super().cull_kernel_if_idle(kernel_id)

    def _is_leased(self, kernel_name: str | None) -> bool:
        try:
            spec = self.kernel_spec_manager.get_kernel_spec(kernel_name or self.default_kernel_name)
        except NoSuchKernel:
            return False
        return asks_for_lease(spec.metadata)

    async def _restart(self, kernel_id: str, kernel: ParkKernel, now: bool) -> None:
        try:
            await kernel.restart_kernel(now=now)
        except Exception as error:  # noqa: BLE001  # whatever it is, the pupil reads it in the cell
            self.log.warning("Kernel %s did not restart: %s", kernel_id, error)
            kernel.standing.end(str(error))
        else:
            await self.watch_when_ready(kernel_id)

    async def _stop_waiting(self, kernel_id: str, kernel: ParkKernel) -> None:
        while kernel.standing.phase == "waiting":
            _leave(kernel)
            await kernel.standing.change(within=1.0)
        if kernel_id in self._restarts:
            await asyncio.wait([self._restarts[kernel_id]])

    async def _mind(self, kernel_id: str) -> None:
        """Keeps what the server knows of a leased kernel true: in use while it waits, then over."""
        kernel = self.get_kernel(kernel_id)
        while kernel_id in self:
            if kernel.standing.phase == "waiting":
                self.last_kernel_activity = kernel.last_activity = utcnow()
            elif kernel.standing.phase == "ended":
                self._let_rest(kernel_id, "idle")
            await kernel.standing.change(within=_MINUTE)

    def _let_rest(self, kernel_id: str, state: str) -> None:
        """Nothing more is heard of the kernel at its old address."""
        self.stop_watching_activity(kernel_id)
        self.stop_buffering(kernel_id)
        self.get_kernel(kernel_id).execution_state = state

    def _forget(self, kernel_id: str) -> None:
        self.forget_start(kernel_id)
        for tasks in (self._minded, self._restarts):
            task = tasks.pop(kernel_id, None)
            if task is not None:
                task.cancel()


def _leave(kernel: ParkKernel) -> None:
    if kernel.provisioner is not None:
        kernel.provisioner.leave(say("left-line"))
