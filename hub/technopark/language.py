"""Russian and English: which of them a request wants, and the texts in it.

Called by the hub's pages, by sign-in and by the spawner. Texts stand in the code in English, their
Russian in `locale/ru.po` (read as it is: there is no step of compiling to forget).
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from babel.core import negotiate_locale
from babel.messages.pofile import read_po
from jinja2 import pass_context
from jinja2.runtime import Context

LANGUAGES = ("ru", "en")
COOKIE = "technopark-language"


@cache
def _russian() -> dict[str, str]:
    path = Path(__file__).with_name("locale") / "ru.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale="ru")
    return {str(message.id): str(message.string) for message in catalogue if message.string}


def translate(text: str, language: str, **values: object) -> str:
    """`text` in `language`, its `{names}` filled from `values`."""
    words = _russian().get(text, text) if language == "ru" else text
    return words.format(**values) if values else words


def of_request(handler: Any, otherwise: str) -> str:
    """The language that a tornado request wants: what was chosen, else what the browser asks for.

    Args:
        handler: tornado's RequestHandler.
        otherwise: the park's language, for browsers that ask for neither.
    """
    chosen = handler.get_cookie(COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    header = handler.request.headers.get("Accept-Language", "")
    wanted = [part.split(";")[0].strip().replace("-", "_") for part in header.split(",")]
    return negotiate_locale(wanted, LANGUAGES) or otherwise


def page_functions(otherwise: str) -> dict[str, Callable[[object], Any]]:
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
