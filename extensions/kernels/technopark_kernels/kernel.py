"""One kernel of a pupil's server: it knows whether it is leased, and how its lease stands.

Jupyter Server makes one for each kernel, leased or local. A local one behaves as ever.
"""

from jupyter_server.services.kernels.kernelmanager import ServerKernelManager
from traitlets import Instance

from technopark_kernels.provisioner import PROVISIONER
from technopark_kernels.standing import Standing


def asks_for_lease(metadata: dict[str, dict[str, str]]) -> bool:
    """Whether a kernelspec's metadata names our provisioner."""
    return metadata.get("kernel_provisioner", {}).get("provisioner_name") == PROVISIONER


class ParkKernel(ServerKernelManager):
    """A kernel that may be leased."""

    standing = Instance(Standing, args=(), help="How its lease stands; unused by a local kernel")

    @property
    def is_leased(self) -> bool:
        """Whether it runs, or is to run, on a lease."""
        return self.kernel_spec is not None and asks_for_lease(self.kernel_spec.metadata)

    def start_restarter(self) -> None:
        """Nobody restarts a leased kernel but the pupil: others may need its device more."""
        if not self.is_leased:
            super().start_restarter()
