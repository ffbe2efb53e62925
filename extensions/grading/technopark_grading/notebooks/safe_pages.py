"""Takes scripts out of what pupils handed in, before a teacher or the pupil opens it as a page.

nbconvert calls it wherever nbgrader makes pages: formgrader and feedback. A page of formgrader
stands at the grading server's own address: a script in it could change marks.
"""

from typing import Any

import bleach
from bleach.css_sanitizer import CSSSanitizer
from nbconvert.filters import markdown2html
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

TAGS = frozenset(
    {"a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "hr", "i"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q"}
    | {"s", "samp", "small", "span", "strong", "sub", "sup", "u", "ul", "var"}
    | {"caption", "col", "colgroup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
)
"""What texts, tables and pictures are made of; nothing that runs, frames or asks for input."""

ATTRIBUTES = {
    "*": ["class", "title", "lang", "dir", "style"],
    "a": ["href"],
    "img": ["src", "alt", "width", "height"],
    "ol": ["start"],
    "td": ["colspan", "rowspan", "align"],
    "th": ["colspan", "rowspan", "align", "scope"],
}
PROTOCOLS = frozenset({"http", "https", "mailto", "data"})

NEVER_SHOWN = ("application/javascript", "image/svg+xml")
"""Kinds of output that can run; a picture is shown in its other form, or as text."""

_STYLE = CSSSanitizer(allowed_css_properties=["text-align", "color", "background-color"])


def safe_html(html: str) -> str:
    """`html` with everything that could run taken out; its words stay."""
    cleaned: str = bleach.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        protocols=PROTOCOLS,
        css_sanitizer=_STYLE,
        strip=True,
    )
    return cleaned


def safe_markdown(source: str) -> str:
    """A text of a notebook as HTML that runs nothing; stands in for nbconvert's own filter."""
    return safe_html(markdown2html(source))


class SafeOutputs(Preprocessor):
    """Cleans the outputs of all cells before the page is made of them."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], _index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Clean one cell's outputs."""
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            for kind in NEVER_SHOWN:
                data.pop(kind, None)
            if "text/html" in data:
                data["text/html"] = safe_html(data["text/html"])
        return cell, resources
