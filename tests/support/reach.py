"""What a running container reaches, asked from inside it."""

import json
from collections.abc import Sequence

from docker import APIClient

LOOK_AROUND = """
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
def is_open(target):
    try:
        socket.create_connection(target, 2).close()
    except OSError:
        return False
    return True
targets = [tuple(target) for target in json.loads(sys.argv[1])]
with ThreadPoolExecutor(len(targets)) as pool:
    print(json.dumps([one for one, answer in zip(targets, pool.map(is_open, targets)) if answer]))
"""


def reached(
    client: APIClient, container: str, targets: Sequence[tuple[str, int]]
) -> list[tuple[str, int]]:
    """Those of `targets` (IPv4 addresses and TCP ports) that the container connects to."""
    words = ["python3", "-c", LOOK_AROUND, json.dumps(list(targets))]
    asked = client.exec_create(container, words, stderr=False)
    return [(address, port) for address, port in json.loads(client.exec_start(asked["Id"]))]
