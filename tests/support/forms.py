"""Forms of a page as a browser has them: what stands in them, and where they are sent.

Called by tests of pages; it knows nothing of any page.
"""

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser


@dataclass
class Form:
    """One form: where it goes, and what is filled in."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, dict[str, str]] = field(default_factory=dict)
    """The words on them, each with what it adds to the fields."""
    name: str = ""
    """Its id, by which buttons that stand elsewhere in the page belong to it."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._text: list[str] | None = None
        self._area = ""
        self._select = ""
        self._adds: dict[str, str] = {}
        self._elsewhere: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        had = dict(attrs)
        if tag == "form":
            self._open = Form(had.get("action") or "", name=had.get("id") or "")
            self.forms.append(self._open)
        elif tag == "button" and had.get("form"):
            (self._elsewhere,) = (one for one in self.forms if one.name == had["form"])
            self._text, self._adds = [], {had.get("name") or "": had.get("value") or ""}
        elif self._open is None:
            return
        elif tag == "input":
            kind, name = had.get("type") or "text", had.get("name")
            if name and (kind not in ("checkbox", "radio", "file") or "checked" in had):
                self._open.fields[name] = had.get("value") or ""
        elif tag == "select":
            self._select = had.get("name") or ""
        elif tag == "option" and self._select:
            if "selected" in had or self._select not in self._open.fields:
                self._open.fields[self._select] = had.get("value") or ""
        elif tag in ("textarea", "button"):
            self._area, self._text = had.get("name") or "", []
            self._adds = {self._area: had.get("value") or ""} if self._area else {}

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "button" and self._elsewhere is not None and self._text is not None:
            self._elsewhere.buttons[" ".join("".join(self._text).split())] = self._adds
            self._elsewhere, self._text = None, None
        elif self._text is not None and self._open is not None and tag in ("textarea", "button"):
            text = "".join(self._text)
            if tag == "textarea":
                self._open.fields[self._area] = text.removeprefix("\n")
            else:
                self._open.buttons[" ".join(text.split())] = self._adds
            self._text = None


def forms(page: str) -> list[Form]:
    """The forms of a page."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms


def form_with(page: str, button: str) -> Form:
    """The first form with this button, as it is sent when that is pressed."""
    found = forms(page)
    for one in found:
        if button in one.buttons:
            return replace(one, fields=one.fields | one.buttons[button])
    raise AssertionError(f"no button {button!r}; there are {[[*one.buttons] for one in found]}")
