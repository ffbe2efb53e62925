"""Draws a page of HTML on paper: a PDF, by WeasyPrint with Debian's Pango and DejaVu.

Called by what is printed (cards, figures). It reads nothing, from no disk and no network: all that
stands on a page comes with it. It takes seconds of CPU: call it in a thread. The library is heavy,
and the hub imports this module: hence inside a function.
"""

from typing import Any


class PaperError(Exception):
    """A page cannot be drawn; says why."""


class NoPangoError(PaperError):
    """What draws pages is not installed on this machine."""


def draw(html: str, style: str) -> bytes:
    """The PDF of a page.

    Args:
        html: the page, without links to anything.
        style: its CSS.

    Raises:
        NoPangoError: what draws pages is not installed.
        PaperError: the page asks for something from elsewhere.
    """
    try:
        weasyprint = _import_weasyprint()
    except OSError as error:  # what it says when it finds no Pango
        raise NoPangoError(str(error).splitlines()[0]) from None
    urls = weasyprint.urls
    nothing = urls.URLFetcher(allowed_protocols=(), fail_on_errors=True)
    try:
        page = weasyprint.HTML(string=html, url_fetcher=nothing)
        css = weasyprint.CSS(string=style, url_fetcher=nothing)
        pdf: bytes = page.write_pdf(stylesheets=[css])
    except urls.FatalURLFetchingError as error:
        raise PaperError(str(error)) from None
    return pdf


def _import_weasyprint() -> Any:
    import weasyprint

    return weasyprint
