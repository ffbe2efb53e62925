"""What can a container in the park's network reach? Asked from inside such a container.

Called by `technopark doctor` and by tests of the firewall. The container is locked down as a
pupil's is, and gone when the answer is there.
"""

import json
from collections.abc import Sequence

from docker import APIClient

from technopark.engine.client import EngineError
from technopark.engine.one_shot import run_to_end
from technopark.settings import Servers

Target = tuple[str, int]
"""An IPv4 address and a TCP port."""

MEMORY = 128 << 20
PATIENCE = 2
"""Seconds for one connection."""

SCRIPT = """
import json, socket, sys
open_ = []
for address, port in json.loads(sys.argv[1]):
    try:
        socket.create_connection((address, port), int(sys.argv[2])).close()
        open_.append([address, port])
    except OSError:
        pass
print(json.dumps(open_))
"""


def reachable(
    client: APIClient, image: str, network: str, targets: Sequence[Target]
) -> list[Target]:
    """Those of `targets` that a container of `image` in `network` (and park) can connect to.

    Raises:
        EngineError: the container does not run, or says something else than expected.
    """
    ended = run_to_end(
        client,
        image,
        ["python3", "-c", SCRIPT, json.dumps(list(targets)), str(PATIENCE)],
        limits=Servers(memory=MEMORY),
        folders={},
        park=network,
        patience=PATIENCE * len(targets) + 20,
        network=network,
    )
    if ended.code != 0:
        said = ended.stderr.strip() or "nothing"
        raise EngineError(f"A container that looks around in {network} failed. It said: {said}")
    return [(address, port) for address, port in json.loads(ended.stdout)]
