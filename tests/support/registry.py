"""Debian's docker-registry as a city has one: TLS by a certificate of its own, and a password."""

import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from docker.errors import APIError

from support.cluster import Node
from support.waiting import eventually
from technopark.bench.own_park import free_ports

USER, PASSWORD = "park", "quiet-night"
_USERS = f"{USER}:$2b$04$Kzz0kdloOwqlRi6WPTkqH.2CUH9ecIjhcQ4dLWC/H2EJhfLLucHpC\n"
"""The password, as `htpasswd -B` writes it."""
_START_SECONDS = 20


@dataclass
class Registry:
    """One on this machine, at an address of the nodes' network; it may be away and come back."""

    address: str
    folder: Path
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    def start(self) -> None:
        """It listens when this returns."""
        assert self.process is None
        words = ["docker-registry", "serve", str(self.folder / "config.yml")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log)
        eventually(self._listens, _START_SECONDS, "the registry")

    def stop(self) -> None:
        """What it holds stays for the next start."""
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def is_trusted_by(self, node: Node) -> None:
        """Tells a node's engine of the certificate, as an admin does."""
        place = f"/etc/docker/certs.d/{self.address}"
        copied = f"mkdir -p {place} && cp {self.folder}/certificate.pem {place}/ca.crt"
        assert node.call("sh", "-c", copied) == ""

    def is_strange_to(self, node: Node) -> None:
        """The opposite."""
        node.call("rm", "-r", f"/etc/docker/certs.d/{self.address}")

    def _listens(self) -> bool:
        ip, port = self.address.split(":")
        try:
            socket.create_connection((ip, int(port)), timeout=1).close()
        except OSError:
            return False
        return True


@contextmanager
def registry(ip: str, folder: Path, nodes: Sequence[Node]) -> Iterator[Registry]:
    """A registry that listens at `ip`, and that all `nodes` trust; `folder` is theirs, too."""
    folder.mkdir()
    made = Registry(f"{ip}:{free_ports(1)[0]}", folder)
    key, certificate, users = folder / "key.pem", folder / "certificate.pem", folder / "users"
    openssl = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    openssl += ["-subj", "/CN=registry", "-addext", f"subjectAltName=IP:{ip}"]
    subprocess.run([*openssl, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    users.write_text(_USERS)
    settings = {
        "version": 0.1,
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "images")}},
        "http": {"addr": made.address, "tls": {"certificate": str(certificate), "key": str(key)}},
        "auth": {"htpasswd": {"realm": "park", "path": str(users)}},
    }
    (folder / "config.yml").write_text(yaml.safe_dump(settings))
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
