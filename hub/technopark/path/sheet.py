"""The page around a shown notebook: a document of its own, locked up by its headers.

Called by the portal. What is in it came from a pupil, and was made safe (`notebooks`); here the
browser is told not to trust it all the same: it is of no origin, runs, sends and loads nothing.
"""

import base64
import hashlib
from functools import cache
from pathlib import Path

from markupsafe import Markup

_PAGE = Markup("""\
<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header><a href="{back}">{back_words}</a><h1>{title}</h1></header>
<main>{content}</main>
</body>
</html>
""")


def page(content: bytes, title: str, back: str, back_words: str, language: str) -> str:
    """The whole page.

    Args:
        content: what `making` made of the notebook.
        title: the work's.
        back: the address of the work's page, and
        back_words: the words of the link to it.
        language: of the words.
    """
    return _PAGE.format(
        language=language,
        title=title,
        style=Markup(_style()),  # noqa: S704  # our own file
        back=back,
        back_words=back_words,
        content=Markup(content.decode()),  # noqa: S704  # made by `notebooks`
    )


@cache
def policy() -> str:
    """The Content-Security-Policy of the page; the style is let in by its content alone."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"sandbox; default-src 'none'; img-src data:; style-src 'sha256-{digest}'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )


@cache
def _style() -> str:
    return Path(__file__).with_name("sheet.css").read_text("utf-8")
