"""A notebook without a page: one kernel, its client, and what its cells show."""

import json
from dataclasses import dataclass, field
from typing import Any

import psutil
from jupyter_client.manager import AsyncKernelManager

PATIENCE = 30
"""Seconds for one answer."""

FORKED = "forked"
ORDINARY = "ordinary"
"""Kernelspecs that differ in nothing but how the kernel is started."""


@dataclass
class Ran:
    """What a cell has shown."""

    reply: dict[str, Any]
    messages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All that it printed, and its result."""
        shown = []
        for message in self.messages:
            content = message["content"]
            if message["msg_type"] == "stream":
                shown.append(content["text"])
            elif message["msg_type"] in ("execute_result", "display_data"):
                shown.append(content["data"].get("text/plain", ""))
        return "".join(shown)


class Notebook:
    """One kernel and its client."""

    def __init__(self, manager: AsyncKernelManager, client: Any) -> None:
        self.manager = manager
        self.client = client

    @property
    def pid(self) -> int:
        return int(self.manager.provisioner.pid)

    @property
    def is_forked(self) -> bool:
        """As its command line tells: a fork has that of its parent."""
        return "technopark_forked.kernels.parent" in psutil.Process(self.pid).cmdline()

    def send(self, source: str, **how: Any) -> str:
        """Runs a cell; does not wait."""
        return str(self.client.execute(source, **how))

    async def done(self, cell: str) -> Ran:
        """Waits until a cell is done."""
        reply = None
        while reply is None or reply["parent_header"].get("msg_id") != cell:
            reply = await self.client.get_shell_msg(timeout=PATIENCE)
        ran = Ran(reply["content"])
        while True:
            message = await self.client.get_iopub_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") != cell:
                continue
            if message["content"].get("execution_state") == "idle":
                return ran
            ran.messages.append(message)

    async def run(self, source: str, **how: Any) -> Ran:
        """Runs a cell to its end."""
        return await self.done(self.send(source, **how))

    async def says(self, source: str) -> str:
        """What a cell shows. Fails where it ends in an error."""
        ran = await self.run(source)
        assert ran.reply["status"] == "ok", "\n".join(ran.reply["traceback"])
        return ran.text.strip()

    async def value(self, expression: str) -> Any:
        """An expression's value, as JSON carries it."""
        return json.loads(await self.says(f"import json\nprint(json.dumps({expression}))"))

    async def close(self) -> None:
        self.client.stop_channels()
        if self.manager.has_kernel:
            await self.manager.shutdown_kernel(now=True)
        self.manager.context.destroy(linger=0)
