"""What the park changes about a single-user server: it starts at a fraction of the usual cost.

Imported by Jupyter Server to find the extension, at each start: it must stay light.
"""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Jupyter Server's way to it: nbgrader's panels, files from the front, the class's page."""
    return [
        {"module": "technopark_server.panels"},
        {"module": "technopark_server.shared_files"},
        {"module": "technopark_server.live.extension"},
    ]
