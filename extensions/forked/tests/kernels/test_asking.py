"""A new kernel is asked again at once where nobody has heard its first answer."""

import asyncio
from typing import Any

from technopark_forked.kernels.asking import PAUSES, asking_soon


class Kernel:
    """A kernel whose control channel counts; it is heard at its third question."""

    def __init__(self, heard: "asyncio.Future[None]", hears_at: int) -> None:
        self.heard, self.hears_at = heard, hears_at
        self.questions: list[str] = []
        self.channels = 0

    def connect_control(self) -> "Kernel":
        self.channels += 1
        return self

    def close(self) -> None:
        self.channels -= 1

    def send(self, _channel: "Kernel", question: str) -> None:
        self.questions.append(question)
        if len(self.questions) == self.hears_at:
            self.heard.set_result(None)


class Connection:
    """As Jupyter Server's: its question is answered when the kernel is heard."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel_manager: Any = kernel
        self.session: Any = kernel

    def nudge(self) -> "asyncio.Future[None]":
        return self.kernel_manager.heard


async def asked(hears_at: int, *, is_heard: bool = False) -> Kernel:
    kernel = Kernel(asyncio.get_running_loop().create_future(), hears_at)
    if is_heard:
        kernel.heard.set_result(None)
    connection = asking_soon(Connection)(kernel)
    connected = connection.nudge()
    assert connected is kernel.heard
    await asyncio.wait([connected], timeout=2 * sum(PAUSES))
    for _ in range(3):
        await asyncio.sleep(0)
    return kernel


async def test_it_asks_until_the_kernel_is_heard_and_closes_its_channel() -> None:
    kernel = await asked(hears_at=3)
    assert kernel.questions == ["kernel_info_request"] * 3
    assert kernel.channels == 0


async def test_a_kernel_that_is_heard_is_not_asked() -> None:
    assert (await asked(hears_at=1, is_heard=True)).questions == []


async def test_it_leaves_a_slow_kernel_to_the_server() -> None:
    kernel = await asked(hears_at=99)
    assert len(kernel.questions) == len(PAUSES) - 1
    assert kernel.channels == 0
