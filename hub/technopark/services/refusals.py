"""How a service says no: one sentence for each reason, in Russian and in English.

`exchange` and `kernels` add their own reasons to these in a subclass; their apps turn a refusal
into an HTTP answer in the language of the asker. A refusal leaves nothing half done behind it.
"""

from collections.abc import Mapping
from typing import ClassVar

from technopark.language import Language
from technopark.problem import Problem

Sentences = Mapping[str, tuple[int, str, str]]
"""By code: the HTTP status, the sentence in Russian and in English."""

WHO_IS_ASKING: dict[str, tuple[int, str, str]] = {
    "no-token": (
        401,
        "Нужно войти в Технопарк: запрос пришёл без ключа.",
        "Sign in to the Technopark first: the request carried no token.",
    ),
    "bad-token": (
        401,
        "Технопарк не узнал этот ключ. Перезапусти свой сервер и попробуй ещё раз.",
        "The Technopark does not know this token. Restart your server and try again.",
    ),
    "away": (
        503,
        "Технопарк сейчас перезапускается. Подожди минуту и попробуй ещё раз: работа не пропала.",
        "The Technopark is restarting. Wait a minute and try again: your work is not lost.",
    ),
}


class Refusal(Problem):
    """The service cannot do what was asked; `sentence` says why, in the asker's language."""

    sentences: ClassVar[Sentences] = WHO_IS_ASKING
    passing: ClassVar[frozenset[str]] = frozenset({"away"})
    """Codes after which asking again soon may help."""

    def __init__(self, code: str, **details: object) -> None:
        self.code = code
        self.details = details
        self.status = self.sentences[code][0]
        super().__init__(self.sentence("en"))

    @property
    def is_passing(self) -> bool:
        """Whether asking again soon may help."""
        return self.code in self.passing

    def sentence(self, language: Language) -> str:
        """One or two sentences for the person who asked."""
        _, russian, english = self.sentences[self.code]
        return (russian if language == "ru" else english).format(**self.details)
