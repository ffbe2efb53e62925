"""Local kernels that are forked from the server's parent of kernels where it can be had.

jupyter_client finds it by its entry point and calls it for kernelspecs whose provisioner is
`technopark-forked`. But for their start these kernels are jupyter_client's own local ones.
"""

import asyncio
import os
from typing import Any

from jupyter_client.provisioning import LocalProvisioner
from traitlets import Unicode

from technopark_forked.kernels.given import NotForked
from technopark_forked.kernels.keeper import kept

PROVISIONER = "technopark-forked"
"""Our entry point's name, by which kernelspecs ask for us."""

_OURS = {"env", "cwd", "kernel_id", "extra_arguments"}
"""What a start may ask for and still be forked; nobody here gives a kernel other files."""


class ForkedProvisioner(LocalProvisioner):
    """One local kernel, forked or started as a program."""

    libraries = Unicode(help="The file that names what is imported before kernels are forked")

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Starts the kernel and returns how to connect to it."""
        try:
            await self._fork(cmd, kwargs)
        except NotForked as reason:
            self.log.info("Kernel %s is started as a program: %s.", self.kernel_id, reason)
            await super().launch_kernel(cmd, **kwargs)
            if (keeper := kept()) is not None:
                keeper.mind(self.process)
        return self.connection_info

    async def _fork(self, cmd: list[str], arguments: dict[str, Any]) -> None:
        keeper = kept()
        if keeper is None:
            raise NotForked("this program has no parent of kernels")
        if other := arguments.keys() - _OURS:
            raise NotForked(f"it is asked for with {', '.join(sorted(other))}")
        folder = str(arguments.get("cwd") or os.getcwd())  # noqa: PTH109  # as Popen has it
        environment = {**arguments["env"], "JPY_PARENT_PID": str(os.getpid())}
        self.process = await asyncio.to_thread(keeper.fork, cmd, environment, folder)
        self.pid = self.pgid = self.process.pid
        self.cwd = folder
