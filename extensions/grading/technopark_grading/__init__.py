"""What a classroom's grading server adds to nbgrader.

Imported by Jupyter Server to find the extension and by nbgrader's configuration; it must stay
light, because every server start imports it.
"""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Jupyter Server's way to the extension: the marks page and the roster at the start."""
    return [{"module": "technopark_grading.server.extension"}]
