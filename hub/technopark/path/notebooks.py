"""A notebook as a piece of a page that does nothing: no scripts, no links, no styles of its own.

Called in the small process of `making`. nbconvert draws the notebook, nh3 lets through what is on
a list here, and pictures are made anew. Whatever a pupil, or whoever gave the notebook to a pupil,
put into it: the page runs nothing, asks no other computer for anything, and sends nobody anywhere.
"""

import base64
import binascii
import re
from typing import Any

import nbformat
import nh3
from nbconvert import HTMLExporter

from technopark.path.limits import MOST_CELLS, MOST_LETTERS, MOST_PAGE_BYTES, NotShownError
from technopark.path.pictures import picture

_TEXT = ("text/html", "text/plain", "text/latex", "text/markdown")
_PICTURES = ("image/png", "image/jpeg")
"""What is drawn of an output; programs, widgets and SVG are not, their text mostly is."""

_TAGS = {
    *("div", "span", "p", "pre", "code", "br", "hr", "blockquote", "img"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
    *("b", "strong", "i", "em", "u", "s", "del", "ins", "sub", "sup", "small", "kbd", "mark"),
}
_GONE_WITH_CONTENT = {
    *("script", "style", "svg", "math", "iframe", "object", "embed", "template", "noscript"),
    *("textarea", "select", "option", "button", "title", "head", "audio", "video", "canvas"),
}
_ATTRIBUTES = {
    **{tag: {"class"} for tag in ("div", "span", "pre", "code")},
    "img": {"src", "alt"},
    "th": {"colspan", "rowspan", "scope"},
    "td": {"colspan", "rowspan"},
    "ol": {"start"},
}
_OURS = re.compile(
    r"[a-z]{1,3}[0-9]?|highlight|hl-[a-z0-9]+|cell|text_cell|code_cell|input|output\w*"
    r"|prompt|rendered_html|dataframe|ansi-[a-z0-9-]+"
)
"""Classes of nbconvert and of Pygments."""
_NO_ALT = "No description has been provided for this image"
"""What nbconvert says, in English, of every picture that says nothing of itself."""
_INLINE = re.compile(r"data:(image/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/=\s]+)")


def notebook_page(content: bytes) -> bytes:
    """The notebook as HTML, without the page around it (`sheet`).

    Raises:
        NotShownError: it is no notebook, or too long.
    """
    notebook = _read(content)
    for cell in notebook.cells:
        _prune(cell)
    exporter = HTMLExporter(template_name="basic", embed_images=False, exclude_anchor_links=True)
    drawn, _ = exporter.from_notebook_node(notebook)
    clean = nh3.clean(
        drawn,
        tags=_TAGS,
        clean_content_tags=_GONE_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=_filtered,
        strip_comments=True,
        link_rel=None,
        generic_attribute_prefixes=set(),
        url_schemes={"data"},
    )
    made: bytes = clean.encode()
    if len(made) > MOST_PAGE_BYTES:
        raise NotShownError("long-page")
    return made


def _read(content: bytes) -> Any:
    try:
        notebook = nbformat.reads(content.decode("utf-8"), as_version=4)
        nbformat.validate(notebook)
    except Exception:  # noqa: BLE001  # nbformat has no class of its own for what it cannot read
        raise NotShownError("no-notebook") from None
    if len(notebook.cells) > MOST_CELLS:
        raise NotShownError("many-cells")
    # Of the metadata only that which says how code is coloured.
    notebook.metadata = nbformat.from_dict({"language_info": {"name": "python"}})
    return notebook


def _prune(cell: Any) -> None:
    """Leaves of a cell what is drawn, cut to what somebody would read."""
    cell.metadata = nbformat.from_dict({})
    cell.source = _cut(cell.source)
    if cell.cell_type != "code":
        return
    for output in cell.outputs:
        if "text" in output:
            output.text = _cut(output.text)
        if "traceback" in output:
            output.traceback = [_cut(line) for line in output.traceback[:50]]
        if "data" in output:
            output.metadata = nbformat.from_dict({})
            data = {kind: output.data[kind] for kind in _PICTURES if kind in output.data}
            texts = {kind: _cut(output.data[kind]) for kind in _TEXT if kind in output.data}
            output.data = nbformat.from_dict(data or texts)
    cell.outputs = [one for one in cell.outputs if one.get("data", True)]


def _cut(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}\n…"


def _filtered(_tag: str, attribute: str, value: str) -> str | None:
    """The attribute's value as it may stand in the page; None: without the attribute."""
    if attribute == "src":
        return _anew(value)
    if attribute == "class":
        return " ".join(one for one in value.split() if _OURS.fullmatch(one)) or None
    if attribute == "alt":
        return "" if value == _NO_ALT else value
    if attribute in ("colspan", "rowspan", "start"):
        return value if value.isdecimal() and len(value) <= 2 else None
    return value


def _anew(address: str) -> str | None:
    """A picture inside the page, made anew; nothing that would be asked for elsewhere."""
    found = _INLINE.fullmatch(address.strip())
    if not found:
        return None
    try:
        content = base64.b64decode(found[2])
        kind, made = picture(content, sharp=found[1] != "image/jpeg")
    except (binascii.Error, NotShownError):
        return None
    return f"data:{kind};base64,{base64.b64encode(made).decode()}"
