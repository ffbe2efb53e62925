"""The pupil's panel in JupyterLab, and what answers it in the pupil's server.

Imported by Jupyter Server to find the extension, at each start: it must stay light.
"""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Jupyter Server's way to what answers the panel."""
    return [{"module": "technopark_lab.extension"}]
