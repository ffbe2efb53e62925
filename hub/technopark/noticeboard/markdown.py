"""Texts that curators and admins type, as safe pieces of a page: Markdown without HTML or pictures.

Called by the portal's pages and by `feeds`. Whatever was typed, nothing comes out but words in a
few plain elements and links; nothing in it makes a browser ask another host.
"""

import re

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_READER = MarkdownIt("commonmark", {"html": False}).disable("image")
_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "h3", "h4", "blockquote", "code", "pre"}
_TAGS |= {"a", "hr"}
_BELOW_THE_TITLE = {"h1": "h3", "h2": "h3", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}
"""The page has headings of its own above the text."""
_REL = "noopener noreferrer nofollow ugc"


def page_of(text: str) -> Markup:
    """The text as HTML that may stand in a page."""
    tokens = _READER.parse(text)
    for token in tokens:
        token.tag = _BELOW_THE_TITLE.get(token.tag, token.tag)
    made = _READER.renderer.render(tokens, _READER.options, {})
    safe = nh3.clean(
        made,
        tags=_TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=_REL,
    )
    return Markup(safe)  # noqa: S704  # nh3 has just cleaned it


def plain(text: str, most: int = 0) -> str:
    """The words alone, for calendars; at most so many letters, where `most` is given."""
    words = nh3.clean(_READER.render(text), tags=set(), link_rel=None)
    whole = Markup(words).unescape()  # noqa: S704  # no tag is left in it
    whole = re.sub(r"\n{3,}", "\n\n", whole).strip()
    return f"{whole[: most - 1].rstrip()}…" if most and len(whole) > most else whole
