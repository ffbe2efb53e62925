"""Which GPUs a park has: what `nvidia-smi` lists, and what the settings declare."""

import pytest

from technopark.engine import devices
from technopark.engine.devices import park_has_devices, uuids
from technopark.engine.leased import Device
from technopark.settings import Device as Declared
from technopark.settings import LeaseNode, Leases, Settings

LISTED = """\
GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77)
  MIG 3g.20gb     Device  0: (UUID: MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f)
  MIG 3g.20gb     Device  1: (UUID: MIG-cba663e8-9bed-5b25-b243-5985ef7c9beb)
GPU 1: NVIDIA GeForce RTX 3060 (UUID: GPU-2e8a1f4c-0b3b-43a4-ae0b-32e5fa6a9f11)
"""


def test_a_card_in_slices_is_its_slices() -> None:
    assert uuids(LISTED) == [
        "MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f",
        "MIG-cba663e8-9bed-5b25-b243-5985ef7c9beb",
        "GPU-2e8a1f4c-0b3b-43a4-ae0b-32e5fa6a9f11",
    ]


def test_a_declared_device_that_is_found_is_real_and_shared_as_declared() -> None:
    declared = [Declared(uuid="GPU-1", shares=4), Declared(uuid="for-trying")]
    assert devices.devices(declared, ["GPU-1", "GPU-2"]) == (
        Device("GPU-1", shares=4, is_real=True),
        Device("GPU-2", shares=1, is_real=True),
        Device("for-trying", shares=1, is_real=False),
    )


@pytest.mark.parametrize(
    ("found", "declared", "has_some"),
    [([], [], False), (["GPU-1"], [], True), ([], [Declared(uuid="for-trying")], True)],
)
def test_a_park_has_devices_where_one_is_found_or_declared(
    monkeypatch: pytest.MonkeyPatch, found: list[str], declared: list[Declared], has_some: bool
) -> None:
    monkeypatch.setattr(devices, "found_here", lambda: found)
    leases = Leases(nodes=[LeaseNode(devices=declared)])
    assert park_has_devices(Settings(leases=leases)) is has_some
