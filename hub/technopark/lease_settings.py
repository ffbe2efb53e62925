"""What the settings say of kernels that run elsewhere: `leases`, with its parts.

A section of `settings.Settings`, which hands these names on; see docs/leases.md.
"""

from typing import Annotated, Literal

from pydantic import Field

from technopark.sections import Bytes, Seconds, Section


class Device(Section):
    """A GPU of a node, named by the admin; those that `nvidia-smi` shows need no word here."""

    uuid: str = Field(min_length=1, description="As `nvidia-smi -L` prints it, or any name")
    shares: int = Field(1, ge=1, le=64, description="Kernels that may use it at a time")


class LeaseNode(Section):
    """A machine that leased kernels may run on."""

    name: str = Field(
        "", description="The node's name in the Swarm; empty: this machine (engine docker)"
    )
    devices: list[Device] = Field(default_factory=list, description="Its GPUs")


class GpuLeases(Section):
    """Limits of one leased kernel on a GPU."""

    memory: Bytes = Field(4 << 30, description="Memory")
    cpu: float = Field(2.0, gt=0, description="Cores")
    pids: int = Field(512, ge=32, description="Processes and threads")
    scratch: Bytes = Field(512 << 20, description="Size of /tmp (in memory)")
    minutes: float = Field(40, gt=0, description="A kernel ends after so long; a lesson")
    warn_minutes: float = Field(5, gt=0, description="The notebook says so this long before")
    idle_minutes: float = Field(10, gt=0, description="A kernel unused for so long ends")
    hold_seconds: Seconds = Field(60, description="A place is held so long for a restart")


class Sandboxes(Section):
    """Limits of one sandbox, in which one submission is graded."""

    memory: Bytes = Field(1 << 30, description="Memory")
    cpu: float = Field(1.0, gt=0, description="Cores")
    pids: int = Field(64, ge=16, description="Processes and threads")
    scratch: Bytes = Field(128 << 20, description="Size of its folders (in memory)")
    minutes: float = Field(15, gt=0, description="A sandbox ends after so long")
    at_a_time: int = Field(
        0, ge=0, description="Sandboxes of one node; 0: twice as many as it has cores"
    )
    waiting: int = Field(
        2, ge=0, le=16, description="Sandboxes that wait, ready, for the next submission"
    )
    keep_minutes: float = Field(5, gt=0, description="They wait so long after the last one")


class Line(Section):
    """How the line for devices is ordered; see docs/leases.md."""

    half_life_hours: float = Field(
        4, gt=0, description="Time after which used GPU time counts half"
    )
    site_weights: dict[str, Annotated[float, Field(gt=0)]] = Field(
        default_factory=dict, description="Shares of sites that differ from 1"
    )
    course_weights: dict[str, Annotated[float, Field(gt=0)]] = Field(
        default_factory=dict, description="Shares of courses' classrooms that differ from 1"
    )
    longest_wait_hours: float = Field(
        2, gt=0, description="Who waits for so long and has nothing goes first, whatever was used"
    )
    lead_minutes: float = Field(
        2, ge=0, description="Reserved devices are free so long before the lesson starts"
    )
    least_minutes: float = Field(
        5, gt=0, description="Nobody gets a device that a reservation takes away sooner"
    )
    unused_minutes: float = Field(
        5, ge=0, description="What a lesson leaves unused so long after its start goes to others"
    )


class Leases(Section):
    """Kernels that run elsewhere: on GPUs, and in sandboxes to grade in."""

    engine: Literal["docker", "swarm"] = Field(
        "docker", description="docker: this machine; swarm: the nodes that carry `node_label`"
    )
    node_label: str = Field(
        "technopark.leases=yes", description="Label of the Swarm's nodes that may run leases"
    )
    encrypted: bool = Field(
        False, description="swarm: encrypt between the nodes (IPsec, in every node's kernel)"
    )
    ports: tuple[int, int] = Field(
        (52000, 52999), description="TCP ports that leased kernels listen on"
    )
    nodes: list[LeaseNode] = Field(default_factory=list, description="Nodes with declared devices")
    silence_seconds: Seconds = Field(
        60, description="A lease whose holder asks no more ends after so long"
    )
    gpu: GpuLeases = GpuLeases()
    sandbox: Sandboxes = Sandboxes()
    line: Line = Line()
