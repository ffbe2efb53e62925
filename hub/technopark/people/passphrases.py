"""Passphrases: made of three words that a child can type, kept as argon2id hashes.

Called by `signin.passphrase`, `people.roster`, `people.cards` and `people.demo`; never logs or
keeps the words.
"""

import secrets
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from technopark.language import Language

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's Argon2id parameters (Password Storage Cheat Sheet): 19 MiB, two passes."""


@cache
def word_list(language: Language) -> tuple[str, ...]:
    """The words that passphrases are made of: 512, which a child can read and type."""
    path = Path(__file__).with_name(f"words_{language}.txt")
    return tuple(path.read_text(encoding="utf-8").split())


def make(language: Language = "ru") -> str:
    """Three words by the system's random source: 27 bits with 512 words, beside slowed sign-in."""
    return " ".join(secrets.choice(word_list(language)) for _ in range(3))


def hash_passphrase(words: str) -> str:
    """What the store keeps."""
    return _hasher.hash(_plain(words))


def matches(words: str, kept: str | None) -> bool:
    """Whether `words` are the ones behind the hash `kept`.

    Takes as long for a name that has no hash, so that time does not tell which names exist.
    """
    try:
        return _hasher.verify(kept or _nobody(), _plain(words)) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_hex())


def _plain(words: str) -> str:
    """Case, the number of spaces, and the letter Ё are no reason to turn a child away."""
    folded = unicodedata.normalize("NFKC", words).casefold().replace("ё", "е")
    return " ".join(folded.replace("-", " ").split())
