"""A Swarm on one machine: its nodes are containers, each with an engine of its own.

The node's image comes from the park's own root image and Debian's docker.io, and is kept under a
name of its content. Nodes speak to this machine by a socket in a folder, on no network.
"""

import hashlib
import io
import os
import socket
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import docker
from docker.errors import APIError, DockerException
from requests.exceptions import RequestException

from support.waiting import eventually
from technopark.catalogue.images import ensure_images
from technopark.catalogue.recipe import PROXIES, ROOT
from technopark.engine.builds import build, find_image, name_image
from technopark.settings import Settings

FOLDER = Path(__file__).parent / "node"
BOSS, FAR = "tpnode1", "tpnode2"
"""The names of the tests' nodes: the manager, and another."""
HEARTBEAT = 2
"""Seconds between two signs of life of a node; three that are missing, and it is down."""
LEASES = {"technopark.leases": "yes"}
MEMORY = {"/run": "exec,mode=755", "/tmp": "exec", "/var/lib/docker": "exec,size=4g"}  # noqa: S108
"""What a node keeps in memory: its engine's layers too, which a disk would write twice."""
_MOST_OF_START = 60
_PIECE = 2 << 20


@dataclass
class Node:
    """A machine in a container."""

    name: str
    container: str
    host: docker.APIClient
    url: str
    """Of the node's own engine."""

    @property
    def engine(self) -> Any:
        """The node's own engine, as nobody but a test asks it."""
        return docker.APIClient(base_url=self.url, version="auto", timeout=120)

    @property
    def address(self) -> str:
        """On the cluster's network."""
        networks = self.host.inspect_container(self.container)["NetworkSettings"]["Networks"]
        return str(next(iter(networks.values()))["IPAddress"])

    def run(self, program: str, *arguments: str, sees: str = "") -> str:
        """Runs a Python program of this project in the node's network.

        Args:
            program: Python.
            arguments: of the program.
            sees: a path in `/run` that is the node's for the program, and nothing else in there.

        Returns:
            What it prints.
        """
        node = f"/proc/{self.host.inspect_container(self.container)['State']['Pid']}"
        words = ["nsenter", f"--net={node}/ns/net"]
        if sees:
            place = f'mount -t tmpfs run /run && ln -s {node}/root{sees} {sees} && exec "$@"'
            words += ["unshare", "--mount", "sh", "-c", place, "sh"]
        words += [sys.executable, "-c", program, *arguments]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def call(self, *command: str) -> str:
        """Runs a command of the node's own, as its root; what it says."""
        asked = self.host.exec_create(self.container, list(command))
        said: str = self.host.exec_start(asked["Id"]).decode()
        return said

    def unplug(self) -> None:
        """Takes it off the network: to the others that is a power cut, without a last word."""
        networks = self.host.inspect_container(self.container)["NetworkSettings"]["Networks"]
        for name in networks:
            self.host.disconnect_container_from_network(self.container, name)


@contextmanager
def cluster(
    host: docker.APIClient,
    settings: Settings,
    names: Sequence[str],
    images: Sequence[str],
    folder: Path,
) -> Iterator[list[Node]]:
    """A Swarm of nodes with `images`; the first is its manager, all of them may run leases.

    All nodes see what is in `folder`, as machines do that share the pupils' homes.
    """
    network = f"tpcluster-{names[0]}"
    node_image = _node_image(host, settings)
    with ExitStack() as ends:
        made = host.create_network(network, driver="bridge")["Id"]
        ends.callback(host.remove_network, made)
        nodes = []
        for name in names:
            node = _start(host, node_image, name, network, folder / name)
            ends.callback(host.remove_container, node.container, force=True, v=True)
            nodes.append(node)
        for node in nodes:
            eventually(partial(_answers, node), _MOST_OF_START, f"the engine of {node.name}")
        _join(nodes)
        _load(host, nodes, images)
        yield nodes


def _start(host: docker.APIClient, image: str, name: str, network: str, folder: Path) -> Node:
    folder.mkdir()
    container = ""
    # Not every machine lets a container have everything; an engine needs no more than the other.
    for rights in (
        {"privileged": True},
        {
            "cap_add": ["ALL"],
            "cap_drop": ["SYS_RESOURCE"],
            "security_opt": ["seccomp=unconfined", "apparmor=unconfined"],
            "device_cgroup_rules": ["a *:* rwm"],
        },
    ):
        config = host.create_host_config(
            network_mode=network,
            binds=[f"{folder}:/run/node", f"{folder.parent}:{folder.parent}"],
            tmpfs=MEMORY,
            **rights,
        )
        config |= {"CgroupnsMode": "private", "MaskedPaths": [], "ReadonlyPaths": []}
        container = host.create_container(image, hostname=name, host_config=config)["Id"]
        try:
            host.start(container)
            break
        except APIError:
            host.remove_container(container, force=True, v=True)
            if "cap_add" in rights:
                raise
    return Node(name, container, host, f"unix://{folder}/docker.sock")


def _answers(node: Node) -> bool:
    # docker-py leaves a socket open where nobody listens yet, so that is asked first.
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(node.url.removeprefix("unix://"))
        except OSError:
            return False
    try:
        with closing(node.engine) as engine:
            engine.ping()
    except (DockerException, RequestException):
        return False
    return True


def _join(nodes: Sequence[Node]) -> None:
    manager, *workers = nodes
    spec = manager.engine.create_swarm_spec(dispatcher_heartbeat_period=HEARTBEAT * 10**9)
    manager.engine.init_swarm(
        manager.address, default_addr_pool=["10.201.0.0/16"], subnet_size=28, swarm_spec=spec
    )
    token = manager.engine.inspect_swarm()["JoinTokens"]["Worker"]
    for worker in workers:
        worker.engine.join_swarm([f"{manager.address}:2377"], token)
    for node in manager.engine.nodes():
        spec = {**node["Spec"], "Labels": LEASES}
        manager.engine.update_node(node["ID"], node["Version"]["Index"], spec)


def _load(host: docker.APIClient, nodes: Sequence[Node], images: Sequence[str]) -> None:
    # docker-py knows the request for one image alone; in one archive, what they share is once.
    address = f"{host.base_url}/v{host.api_version}/images/get"
    with (
        tempfile.NamedTemporaryFile() as archive,
        host.get(address, params={"names": images}, stream=True) as answer,
    ):
        answer.raise_for_status()
        for piece in answer.iter_content(_PIECE):
            archive.write(piece)
        archive.flush()

        def load(node: Node) -> None:
            with Path(archive.name).open("rb") as content:
                node.engine.load_image(content)

        with ThreadPoolExecutor(len(nodes)) as pool:
            list(pool.map(load, nodes))


def _node_image(host: docker.APIClient, settings: Settings) -> str:
    root = ensure_images([ROOT], settings, print)[ROOT].id
    files = sorted(FOLDER.iterdir())
    key = hashlib.sha256(b"\0".join([root.encode(), *(file.read_bytes() for file in files)]))
    tag = f"technopark/test-node:{key.hexdigest()[:12]}"
    found = find_image(host, tag)
    if found is None:
        passed = {name: os.environ[name] for name in PROXIES if name in os.environ}
        built = build(host, _context(files), {"ROOT": root, **passed}, print)
        found = name_image(host, built, tag, {})
    return found.id


def _context(files: Sequence[Path]) -> BinaryIO:
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as archive:
        for file in files:
            archive.add(file, file.name)
    context.seek(0)
    return context
