"""The routes of the broker: what is asked over HTTP, and the calls that answer it.

Mounted by `app`; described in docs/leases.md. Plain functions run in worker threads; only waiting
is done on the event loop.
"""

import time
from dataclasses import dataclass
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Body, Depends, Query, Request, Response, status

from technopark.kernels.broker import Broker
from technopark.kernels.news import News
from technopark.kernels.views import GpuAsk, LeaseView, ListedLease, SandboxAsk, Signal
from technopark.language import Language
from technopark.services.identity import Caller, Identities

router = APIRouter()

LONGEST_WAIT = 25
"""Seconds that a request may wait for news; below what proxies and clients take for dead."""


@dataclass(frozen=True)
class Service:
    """What the routes work with."""

    broker: Broker
    news: News
    identities: Identities
    language: Language
    """The park's, for askers who wish for none."""


def service_of(request: Request) -> Service:
    """The running service."""
    service: Service = request.app.state.service
    return service


ServiceOf = Annotated[Service, Depends(service_of)]


async def _asking(request: Request, service: ServiceOf) -> Caller:
    return await service.identities.caller(request.headers.get("Authorization", ""))


Who = Annotated[Caller, Depends(_asking)]


@router.get("/health")
def health(service: ServiceOf) -> dict[str, str]:
    """Answers while the database can be read."""
    service.broker.check()
    return {"status": "ok"}


@router.post("/leases", status_code=status.HTTP_202_ACCEPTED)
def ask(
    wish: Annotated[GpuAsk | SandboxAsk, Body(discriminator="flavour")],
    service: ServiceOf,
    who: Who,
) -> LeaseView:
    """Asks for a lease, or for a new kernel in the place of one's own stopped lease."""
    return service.broker.ask(who, wish)


@router.get("/leases")
def list_leases(
    service: ServiceOf,
    who: Who,
    everybodys: Annotated[bool, Query(alias="all", description="For admins")] = False,
) -> list[ListedLease] | list[LeaseView]:
    """One's own leases that have not ended; with `all` everybody's."""
    return service.broker.everybodys(who) if everybodys else service.broker.mine(who)


@router.get("/leases/{lease_id}")
async def look(
    lease_id: str,
    service: ServiceOf,
    who: Who,
    since: Annotated[int, Query(description="The version that is known")] = 0,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT, description="Seconds")] = 0,
    idle: Annotated[
        float | None, Query(ge=0, description="Seconds since the kernel was busy")
    ] = None,
) -> LeaseView:
    """The lease, as soon as it is newer than `since`, at the latest after `wait` seconds.

    It is the holder's sign of life, too: who does not ask for a minute loses the lease.
    """
    until = time.monotonic() + wait
    with service.news.listen(lease_id) as news:
        while True:
            seen = await anyio.to_thread.run_sync(service.broker.look, who, lease_id, idle)
            left = until - time.monotonic()
            if seen.version > since or left <= 0:
                return seen
            await news.told(left)
            idle = None


@router.post("/leases/{lease_id}/signal", status_code=status.HTTP_204_NO_CONTENT)
def send_signal(lease_id: str, signal: Signal, service: ServiceOf, who: Who) -> None:
    """Sends a signal to the kernel; 2 interrupts it."""
    service.broker.signal(who, lease_id, signal.number)


@router.post("/leases/{lease_id}/stop", status_code=status.HTTP_204_NO_CONTENT)
def stop(lease_id: str, service: ServiceOf, who: Who) -> None:
    """Ends the kernel; its place is held for a restart."""
    service.broker.stop(who, lease_id)


@router.delete("/leases/{lease_id}", status_code=status.HTTP_204_NO_CONTENT)
def release(lease_id: str, service: ServiceOf, who: Who) -> Response:
    """Gives the lease back, or leaves the line; again and again without harm."""
    service.broker.release(who, lease_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
