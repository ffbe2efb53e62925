"""Kernels on a lease: asks the broker, waits in line, watches over the kernel, gives it back.

jupyter_client finds it by its entry point and calls it for kernelspecs whose provisioner is
`technopark-lease`. Nothing of the server's environment but a whitelist ever leaves the server.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.provisioning import KernelProvisionerBase

from technopark_kernels.broker import Broker, BrokerAway, BrokerRefusal, Lease, from_environment
from technopark_kernels.standing import Standing
from technopark_kernels.words import ending, say

PROVISIONER = "technopark-lease"
"""Our entry point's name, by which kernelspecs ask for us."""

ENVIRONMENT = ("JPY_SESSION_NAME", "LANG", "TZ", "TECHNOPARK_LANGUAGE")
"""What a leased kernel may know; the server's environment holds the hub's token."""

DESERTED_SECONDS = 60.0
"""A kernel whose pages have all been closed for so long leaves the line."""

_PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds between tries while the broker is away; the last one repeats."""


class LeaseEnded(Exception):  # noqa: N818  # often it is what the pupil wanted
    """There is no kernel, or no longer. Its text says to the pupil why."""


class LeaseProvisioner(KernelProvisionerBase):
    """One kernel of this server that runs in a container of the park."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.standing: Standing = getattr(self.parent, "standing", None) or Standing()
        self._broker: Broker
        self._lease: Lease | None = None
        self._launch: asyncio.Future[Lease] | None = None
        self._watching: asyncio.Future[None] | None = None
        self._farewell = ""
        self._exit_code: int | None = None

    @property
    def has_process(self) -> bool:
        """Whether the kernel runs."""
        return self._watching is not None and self._exit_code is None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """The arguments of `launch_kernel`. The command is the image's, not ours."""
        for unused in ("transport_encryption", "extra_arguments"):
            kwargs.pop(unused, None)
        return dict(await super().pre_launch(cmd=[], **kwargs))

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict[str, Any]:
        """Waits for a lease and its kernel, however long that takes; `leave` ends the wait.

        Raises:
            LeaseEnded: the broker refused, or the pupil left the line.
        """
        del cmd
        connection = _new_connection(self.parent.session)
        self._exit_code = None
        self._launch = asyncio.ensure_future(self._granted(connection, kwargs))
        if self._farewell:
            self._launch.cancel()
        try:
            lease = await self._launch
        except BaseException as error:  # noqa: BLE001  # also a cancellation: so one leaves
            self._give_back_soon()
            sentence = self._farewell or self._why_not(error)
            self._farewell = ""
            self.standing.end(sentence)
            raise LeaseEnded(sentence) from None
        finally:
            self._launch = None
        self._watching = asyncio.ensure_future(self._watch(lease))
        self.connection_info = {
            **(lease.address or {}),
            **connection,
            "key": connection["key"].encode(),
            "transport": "tcp",
        }
        return self.connection_info

    async def post_launch(self, **kwargs: Any) -> None:
        """Lets the pages connect: the kernel manager knows the address now.

        Raises:
            LeaseEnded: the pupil left the line at the very last moment.
        """
        del kwargs
        if self._farewell:
            sentence, self._farewell = self._farewell, ""
            await self.cleanup()
            self.standing.end(sentence)
            raise LeaseEnded(sentence)
        if self.has_process:
            self.standing.run()

    def leave(self, sentence: str) -> None:
        """Leaves the line at once; called while the kernel waits.

        Args:
            sentence: what the waiting cell says of it.
        """
        self._farewell = sentence
        if self._launch is not None:
            self._launch.cancel()

    async def poll(self) -> int | None:
        """None while the kernel runs, else its exit code."""
        return None if self.has_process else self._exit_code or 0

    async def wait(self) -> int | None:
        """The exit code, once the kernel has ended."""
        if self._watching is not None:
            await asyncio.wait([self._watching])
        return await self.poll()

    async def send_signal(self, signum: int) -> None:
        """Sends a signal to the kernel. Raises BrokerAway where nobody could hand it on."""
        if signum and self.has_process:
            await self._tell(lambda broker, lease: broker.signal(lease, signum))

    async def kill(self, restart: bool = False) -> None:
        """Ends the kernel; the place is kept, as nobody says here whether it is to start again."""
        del restart
        if self.has_process:
            self._stop_watching()
            self._has_ended(128 + signal.SIGKILL)
            await self._quietly(lambda broker, lease: broker.stop(lease))

    async def terminate(self, restart: bool = False) -> None:
        """As `kill`: a kernel that was asked to end and did not has had its time."""
        await self.kill(restart)

    async def cleanup(self, restart: bool = False) -> None:
        """Gives the lease back, except before a restart."""
        if restart:
            await self.kill(restart)
            return
        self._stop_watching()
        self._exit_code = self._exit_code or 0
        self.standing.end("")
        await self._quietly(_giving_back)
        self._lease = None

    async def _granted(self, connection: Mapping[str, str], kwargs: Mapping[str, Any]) -> Lease:
        broker = self._broker = from_environment()
        environment = {name: kwargs["env"][name] for name in ENVIRONMENT if name in kwargs["env"]}
        folder = _from_home(kwargs.get("cwd"))
        lease = await self._patiently(
            lambda: self._asked(
                lambda: broker.ask(str(self.kernel_id), connection, folder, environment)
            )
        )
        while lease.state in ("waiting", "starting"):
            self.standing.see(lease)
            if lease.state == "waiting" and self.standing.deserted() > DESERTED_SECONDS:
                raise LeaseEnded(say("deserted"))
            lease = await self._next(lease)
        self.standing.see(lease)
        if lease.state != "running" or lease.address is None:
            raise LeaseEnded(ending(lease.reason or "failed", None, lease.message))
        return lease

    async def _asked(self, ask: Callable[[], Awaitable[Lease]]) -> Lease:
        """One answer to `ask`; a lease for somebody who has left meanwhile is given back."""
        asking = asyncio.ensure_future(ask())
        try:
            self._lease = await asyncio.shield(asking)
        except asyncio.CancelledError:
            asking.add_done_callback(self._too_late)
            raise
        return self._lease

    def _too_late(self, asking: asyncio.Future[Lease]) -> None:
        if not asking.cancelled() and asking.exception() is None:
            self._lease = asking.result()
            self._give_back_soon()

    def _why_not(self, error: BaseException) -> str:
        if isinstance(error, LeaseEnded | BrokerRefusal):
            return str(error)
        self.log.error("A leased kernel did not start.", exc_info=error)
        return say("failed")

    async def _watch(self, lease: Lease) -> None:
        while lease.state == "running":
            self.standing.see(lease)
            try:
                lease = await self._next(lease)
            except BrokerRefusal:
                self._has_ended(None, say("ended"))
                return
        reason = "stopped" if lease.state == "stopped" else lease.reason or "ended"
        self._has_ended(lease.exit_code, ending(reason, lease.exit_code, lease.message))

    def _has_ended(self, exit_code: int | None, sentence: str = "") -> None:
        self._exit_code = exit_code if exit_code is not None else 1
        if not self.parent.shutting_down:
            self.standing.end(sentence or say("ended"))

    async def _next(self, lease: Lease) -> Lease:
        self._lease = await self._patiently(lambda: self._broker.look(lease, self._idle()))
        return self._lease

    async def _patiently(self, ask: Callable[[], Awaitable[Lease]]) -> Lease:
        tries = 0
        while True:
            try:
                return await ask()
            except BrokerAway as away:
                self.log.warning("The broker is away, trying again: %s", away)
                self.standing.miss()
                await asyncio.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
                tries += 1

    def _stop_watching(self) -> None:
        if self._watching is not None:
            self._watching.cancel()

    def _idle(self) -> float | None:
        """Seconds since the kernel was last busy; None where nobody watches it."""
        last: datetime | None = getattr(self.parent, "last_activity", None)
        if last is None or not self.has_process:
            return None
        if self.parent.execution_state == "busy":
            return 0.0
        return max(0.0, (datetime.now(UTC) - last).total_seconds())

    def _give_back_soon(self) -> None:
        if self._lease is not None:
            lease, self._lease = self._lease, None
            giving = asyncio.ensure_future(self._quietly(_giving_back, lease))
            _UNDER_WAY.add(giving)
            giving.add_done_callback(_UNDER_WAY.discard)

    async def _quietly(
        self, call: Callable[[Broker, Lease], Awaitable[None]], lease: Lease | None = None
    ) -> None:
        """Tells the broker something that it finds out by itself, later, where it is away."""
        try:
            await self._tell(call, lease)
        except (BrokerAway, BrokerRefusal) as error:
            self.log.warning("The broker was not told: %s", error)

    async def _tell(
        self, call: Callable[[Broker, Lease], Awaitable[None]], lease: Lease | None = None
    ) -> None:
        lease = lease or self._lease
        if lease is not None:
            await call(self._broker, lease)


_UNDER_WAY: set[asyncio.Future[None]] = set()
"""Nobody waits for these; without a reference the loop might drop them."""


def _giving_back(broker: Broker, lease: Lease) -> Awaitable[None]:
    return broker.give_back(lease)


def _new_connection(session: Any) -> dict[str, str]:
    """What the kernel needs to know of us: new keys, so that nobody else can listen or speak."""
    public, secret = zmq.curve_keypair()
    return {
        "key": session.key.decode(),
        "signature_scheme": session.signature_scheme,
        "curve_publickey": public.decode(),
        "curve_secretkey": secret.decode(),
    }


def _from_home(folder: str | os.PathLike[str] | None) -> str:
    """The folder as seen from the home, which the kernel has, too; the home where it is outside."""
    home = Path.home()
    found = Path(folder or home)
    return str(found.relative_to(home)) if found.is_relative_to(home) else "."
