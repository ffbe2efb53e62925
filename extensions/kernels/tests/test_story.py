"""A pupil, a kernel on a GPU and the line for it; with real kernels and a stand-in broker."""

from typing import Any

import pytest

pytestmark = pytest.mark.slow


async def test_a_cell_waits_in_line_and_runs_by_itself(
    server: Any, broker: Any, sit_down: Any
) -> None:
    broker.devices = 0
    kernel = server.start()
    page = await sit_down(kernel)
    cell = await page.run("print(6 * 7)")
    await page.shown(cell, "You are first in line for a GPU")
    broker.grant()
    await page.shown(cell, "42")
    assert (await page.answered(cell))["status"] == "ok"
    assert page.outputs(cell) == ["42\n"]
