"""The embedded way to serve the shelf: a small ASGI service behind the proxy, where nginx is not.

Run by `python -m technopark.front`. It answers as nginx does with `nginx.configuration`; the same
tests ask both.
"""

import os
import re
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from technopark.front.cards import PATH
from technopark.front.kinds import HEADERS, OTHER, TYPES
from technopark.front.shelf import FORMS, NAME

_IN_A_TREE = re.compile(rf"{NAME}/.+")


class Shelf(StaticFiles):
    """Files of the shelf's trees, each in the best form that the browser takes."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at `path`; only what is in a tree is there."""
        if not _IN_A_TREE.fullmatch(path):
            raise HTTPException(404)
        return await super().get_response(path, scope)

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The answer with the file, or that the browser has it."""
        del stat_result  # another form of the file may be what is sent
        asked = Headers(scope=scope)
        taken = accepted(asked.get("accept-encoding", ""))
        path, form = Path(full_path), ""
        headers = dict(HEADERS)
        for ending, encoding in FORMS.items():
            if path.with_name(path.name + ending).exists():
                headers["Vary"] = "Accept-Encoding"
                if encoding in taken and not form:
                    form, headers["Content-Encoding"] = ending, encoding
        response = FileResponse(
            f"{path}{form}",
            status_code=status_code,
            headers=headers,
            media_type=TYPES.get(path.suffix, OTHER),
        )
        response.set_stat_headers(Path(f"{path}{form}").stat())
        return (
            NotModifiedResponse(response.headers)
            if self.is_not_modified(response.headers, asked)
            else response
        )


def accepted(accept_encoding: str) -> set[str]:
    """The encodings that a browser takes, by its Accept-Encoding header."""
    found = set()
    for item in accept_encoding.lower().split(","):
        name, _, quality = item.partition(";")
        if not re.fullmatch(r"\s*q=0(\.0*)?\s*", quality):
            found.add(name.strip())
    return found


def create_app(trees: Path) -> Starlette:
    """The service, for the trees in the folder `trees`."""
    return Starlette(routes=[Mount(PATH, Shelf(directory=trees))])
