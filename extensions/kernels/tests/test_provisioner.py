"""A provisioner and its kernel manager beside the stand-in broker, where no kernel needs to run."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpec
from support.waiting import eventually

from technopark_kernels import provisioner as module
from technopark_kernels.kernel import ParkKernel
from technopark_kernels.manager import LeasingKernelManager
from technopark_kernels.provisioner import LeaseEnded, LeaseProvisioner
from technopark_kernels.standing import Standing


@pytest.fixture
def provisioner(broker: Any, monkeypatch: pytest.MonkeyPatch) -> LeaseProvisioner:
    """Of a kernel whose broker has no device free."""
    broker.grant(0)
    monkeypatch.setenv("HOME", str(broker.folder))
    monkeypatch.setenv("TECHNOPARK_BROKER_URL", broker.url)
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "the-token")
    monkeypatch.setenv("TECHNOPARK_LANGUAGE", "en")
    return LeaseProvisioner(kernel_id="1", kernel_spec=KernelSpec(), parent=ParkKernel())


async def launch(provisioner: LeaseProvisioner, cwd: str = "/") -> None:
    arguments = await provisioner.pre_launch(env={"LANG": "C", "A_SECRET": "x"}, cwd=cwd)
    await provisioner.launch_kernel(**arguments)


async def test_a_kernel_whose_pages_are_closed_leaves_the_line(
    broker: Any, provisioner: LeaseProvisioner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DESERTED_SECONDS", -1)
    with pytest.raises(LeaseEnded, match="The notebook was closed"):
        await launch(provisioner)
    await left(broker)


async def test_a_page_that_is_open_keeps_the_place(provisioner: LeaseProvisioner) -> None:
    page = SimpleNamespace(disconnect=lambda: None)
    provisioner.standing.enter("session", page)
    assert provisioner.standing.deserted() == 0
    provisioner.standing.leave("session", page)
    assert provisioner.standing.deserted() > 0


async def test_only_the_whitelist_leaves_the_server(
    broker: Any, provisioner: LeaseProvisioner
) -> None:
    waiting = asyncio.create_task(launch(provisioner, f"{broker.folder}/data-6a"))
    while provisioner.standing.lease is None:
        await provisioner.standing.change()
    assert broker.only.order["environment"] == {"LANG": "C"}
    assert broker.only.order["cwd"] == "data-6a"
    provisioner.leave("Enough.")
    with pytest.raises(LeaseEnded, match="Enough"):
        await waiting
    await left(broker)


async def test_a_folder_outside_the_home_is_not_named(
    broker: Any, provisioner: LeaseProvisioner
) -> None:
    waiting = asyncio.create_task(launch(provisioner, "/etc"))
    while provisioner.standing.lease is None:
        await provisioner.standing.change()
    assert broker.only.order["cwd"] == "."
    provisioner.leave("Enough.")
    with pytest.raises(LeaseEnded):
        await waiting
    await left(broker)


async def test_whoever_leaves_while_the_broker_is_away_asks_no_more(
    broker: Any, provisioner: LeaseProvisioner
) -> None:
    broker.close()
    waiting = asyncio.create_task(launch(provisioner))
    while not provisioner.standing.away():
        await provisioner.standing.change()
    provisioner.leave("Enough.")
    with pytest.raises(LeaseEnded, match="Enough"):
        await waiting
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_without_a_broker_the_pupil_is_told(
    provisioner: LeaseProvisioner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TECHNOPARK_BROKER_URL")
    with pytest.raises(LeaseEnded, match="TECHNOPARK_BROKER_URL"):
        await launch(provisioner)


@pytest.mark.parametrize(("phase", "is_asked"), [("waiting", False), ("running", True)])
async def test_whoever_waits_is_not_culled(
    monkeypatch: pytest.MonkeyPatch, phase: Any, is_asked: bool
) -> None:
    standing = Standing()
    standing.phase = phase
    asked: list[str] = []

    async def cull(_: object, kernel_id: str) -> None:
        asked.append(kernel_id)

    monkeypatch.setattr(LeasingKernelManager.__base__, "cull_kernel_if_idle", cull)
    manager = LeasingKernelManager()
    manager._kernels["1"] = SimpleNamespace(is_leased=True, standing=standing)
    await manager.cull_kernel_if_idle("1")
    assert bool(asked) is is_asked


async def left(broker: Any) -> None:
    """Returns once nobody has or waits for a lease."""

    def nobody() -> bool:
        return all(lease.state == "ended" for lease in broker.leases.values())

    await asyncio.to_thread(eventually, nobody, 5, "every lease is given back")
