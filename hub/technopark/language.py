"""Russian and English: which of them a request wants, and the texts in it.

Called by the hub's pages, by sign-in, the spawner and the exchange. Texts stand in the code in
English, their Russian in `locale/ru.po` (read as it is: there is no step of compiling to forget).
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal

from babel.core import Locale
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from jinja2 import pass_context
from jinja2.runtime import Context

Language = Literal["ru", "en"]
LANGUAGES: tuple[Language, ...] = ("ru", "en")
COOKIE = "technopark-language"


_RUSSIAN_FORMS = ("one", "few", "many")
"""In the order of `msgstr[0]`, `msgstr[1]`, `msgstr[2]`: 1 минута, 2 минуты, 5 минут."""


@cache
def _catalogue() -> list[Message]:
    path = Path(__file__).with_name("locale") / "ru.po"
    with path.open("rb") as file:
        return list(read_po(file, locale="ru"))


@cache
def _russian() -> dict[str, str]:
    return {
        message.id: message.string
        for message in _catalogue()
        if isinstance(message.id, str) and isinstance(message.string, str) and message.string
    }


@cache
def _russian_forms() -> dict[str, tuple[str, ...]]:
    return {
        message.id[0]: tuple(message.string)
        for message in _catalogue()
        if isinstance(message.id, tuple) and isinstance(message.string, list | tuple)
    }


def translate(text: str, language: str, **values: object) -> str:
    """`text` in `language`, its `{names}` filled from `values`."""
    words = _russian().get(text, text) if language == "ru" else text
    return words.format(**values) if values else words


def counted(one: str, many: str, number: int, language: str) -> str:
    """`one` or `many` with its `{number}`, in the form that the language has for that number."""
    if language == "ru" and one in _russian_forms():
        form = Locale("ru").plural_form(number)
        return _russian_forms()[one][_RUSSIAN_FORMS.index(form)].format(number=number)
    return (one if number == 1 else many).format(number=number)


def of_header(accept_language: str, otherwise: Language) -> Language:
    """The one of our languages that an Accept-Language header likes best; else `otherwise`."""
    wanted: list[tuple[float, Language]] = []
    for item in accept_language.split(","):
        tag, _, quality = item.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            weight = 0
        spoken = tag.lower().partition("-")[0]
        wanted += [(weight, language) for language in LANGUAGES if language == spoken]
    return max(wanted, key=lambda one: one[0])[1] if wanted else otherwise


def of_request(handler: Any, otherwise: Language) -> Language:
    """The language that a tornado request wants: what was chosen, else what the browser asks for.

    Args:
        handler: tornado's RequestHandler.
        otherwise: the park's language, for browsers that ask for neither.
    """
    cookie = handler.get_cookie(COOKIE)
    chosen = next((language for language in LANGUAGES if language == cookie), None)
    return chosen or of_header(handler.request.headers.get("Accept-Language", ""), otherwise)


def page_functions(otherwise: Language) -> dict[str, Callable[[object], Any]]:
    """`_` and `language` for JupyterHub's `template_vars`."""

    def language(context: Context) -> str:
        # Templates are not told the request; the handler is behind the one method they get.
        return of_request(context["static_url"].__self__, otherwise)

    @pass_context
    def in_words(context: Context, text: str, **values: object) -> str:
        return translate(text, language(context), **values)

    @pass_context
    def language_of_page(context: Context) -> str:
        return language(context)

    # JupyterHub calls every function among `template_vars` with the user, and keeps the answer.
    return {"_": lambda _user: in_words, "language": lambda _user: language_of_page}
