"""What comes to the broker and what it answers, as JSON: the contract with the images' packages.

Read by `routes` and `asking`; docs/leases.md explains the fields. Keys of connections are secrets:
they are never in an answer, and print as stars.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from technopark.kernels.granting import Place
from technopark.kernels.leases import State
from technopark.kernels.messages import message
from technopark.store import Flavour, Lease

_PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
"""In the order of `engine.leased.KERNEL_PORTS`."""

CurveKey = Annotated[SecretStr, Field(min_length=40, max_length=40)]
"""32 bytes in ZeroMQ's base 85."""
Variable = Annotated[str, StringConstraints(max_length=4096, pattern=r"^[^\x00]*$")]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Connection(_Sent):
    """What both ends of a kernel's connection know; addresses and ports come with the answer."""

    key: SecretStr = Field(min_length=1, max_length=200)
    signature_scheme: Literal["hmac-sha256"] = "hmac-sha256"
    curve_publickey: CurveKey | None = None
    curve_secretkey: CurveKey | None = None

    @property
    def is_encrypted(self) -> bool:
        """Whether it has the keys of CurveZMQ."""
        return self.curve_publickey is not None and self.curve_secretkey is not None

    def secrets(self) -> dict[str, str]:
        """In the clear, as the kernel's connection file wants it."""
        return {
            name: value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            for name, value in self
            if value is not None
        }


class GpuAsk(_Sent):
    """A kernel on a GPU, or (`kernel_id` of one's own stopped lease) a new one in its place."""

    flavour: Literal["gpu"]
    kernel_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
    connection: Connection
    cwd: Variable = Field("", description="The kernel's folder, relative to the home")
    environment: dict[str, Variable] = Field(
        default_factory=dict,
        max_length=64,
        description="Variables; the broker takes those of a short list and leaves the others",
    )


class SandboxAsk(_Sent):
    """A sandbox to grade one submission in."""

    flavour: Literal["sandbox"]


class Signal(_Sent):
    """A signal for the kernel."""

    number: int = Field(ge=1, le=64)


class Address(BaseModel):
    """Where a running kernel listens."""

    ip: str
    shell_port: int
    iopub_port: int
    stdin_port: int
    control_port: int
    hb_port: int


class LeaseView(BaseModel):
    """A lease, as its holder sees it."""

    id: str
    flavour: Flavour
    state: State
    version: int = Field(description="Grows with every change; ask with `since` for what is newer")
    place: int | None = Field(description="In line; 1 is next, null: not waiting")
    line: int = Field(description="How many wait for this flavour")
    estimate_s: int | None = Field(description="Seconds until its turn; null: nobody can say")
    address: Address | None
    device: str | None
    ends_in_s: int | None = Field(description="Seconds until the time limit")
    warn_s: int = Field(description="The notebook says so, so many seconds before the limit")
    exit_code: int | None
    reason: str | None = Field(description="Why it ended")
    message: str | None = Field(description="A sentence in the holder's language")


class ListedLease(LeaseView):
    """A lease, as an admin sees it."""

    person: str
    classroom: str
    site: str
    node: str | None
    asked_at: datetime


def view(lease: Lease, place: Place, warn_s: float, now: float) -> LeaseView:
    """What the holder of `lease` is told, at `now` (Unix seconds)."""
    return LeaseView(
        id=lease.id,
        flavour=lease.flavour,
        state=State(lease.state),
        version=lease.version,
        place=place.number if lease.state == State.WAITING else None,
        line=place.line,
        estimate_s=place.estimate_s if lease.state == State.WAITING else None,
        address=_address(lease),
        device=lease.device or None,
        ends_in_s=_ends_in(lease, now),
        warn_s=round(warn_s),
        exit_code=lease.exit_code,
        reason=lease.reason,
        message=message(lease),
    )


def listed(lease: Lease, seen: LeaseView) -> ListedLease:
    """The same lease for an admin."""
    return ListedLease(
        **dict(seen),
        person=lease.person_name,
        classroom=lease.classroom_id,
        site=lease.classroom.site_id,
        node=lease.node or None,
        asked_at=lease.asked_at.astimezone(UTC),
    )


def _address(lease: Lease) -> Address | None:
    if lease.state != State.RUNNING or not lease.address:
        return None
    ports = {name: lease.first_port + number for number, name in enumerate(_PORTS)}
    return Address(ip=lease.address, **ports)


def _ends_in(lease: Lease, now: float) -> int | None:
    if lease.ends_at is None or lease.state == State.ENDED:
        return None
    return max(0, round(lease.ends_at.timestamp() - now))
