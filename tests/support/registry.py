"""The park's own registry, as `up` would run it; it may be away and come back."""

import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from docker.errors import APIError

from support.cluster import Node
from support.waiting import eventually
from technopark.machine import own_registry
from technopark.settings import Settings

_START_SECONDS = 20


@dataclass
class Registry:
    """One on this machine."""

    settings: Settings
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    @property
    def address(self) -> str:
        return self.settings.registry.address

    def start(self) -> None:
        """It listens when this returns."""
        assert self.process is None
        words = [own_registry.PROGRAM, "serve", own_registry.configuration_file(self.settings)]
        with (self.settings.data / "registry" / "log").open("ab") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log)
        eventually(self._listens, _START_SECONDS, "the registry")

    def stop(self) -> None:
        """What it holds stays for the next start."""
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def is_trusted_by(self, node: Node) -> None:
        """Brings the certificate to a node, as an admin does."""
        place = self._place_on_nodes  # the park's data is at the same path on every node
        certificate = own_registry.certificate_file(self.settings)
        copied = f"mkdir -p {place} && cp {certificate} {place}/ca.crt"
        assert node.call("sh", "-c", copied) == ""

    def is_strange_to(self, node: Node) -> None:
        """Takes it from there."""
        assert node.call("rm", "-r", str(self._place_on_nodes)) == ""

    @property
    def _place_on_nodes(self) -> Path:
        return own_registry.TRUSTED / self.address

    def _listens(self) -> bool:
        try:
            socket.create_connection(own_registry.listening_place(self.settings), 1).close()
        except OSError:
            return False
        return True


@contextmanager
def registry(settings: Settings, nodes: Sequence[Node]) -> Iterator[Registry]:
    """The registry of these settings, which all `nodes` trust."""
    own_registry.write_configuration(settings)
    made = Registry(settings)
    for node in nodes:
        made.is_trusted_by(node)
    made.start()
    try:
        yield made
    finally:
        made.stop()


def has(node: Node, image: str) -> bool:
    """Whether the node's own engine has an image, by its id."""
    try:
        node.engine.inspect_image(image)
    except APIError:
        return False
    return True
