"""Kernels that are forked from a process which has their libraries imported, not booted.

The server's side (`extension`, `provisioner`, `keeper`) runs in /opt/server, `parent` in
/opt/course with the course's libraries. Both import this package: it must stay light.
"""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Jupyter Server's way to the extension: it starts the parent of this server's kernels."""
    return [{"module": "technopark_forked.kernels.extension"}]
