"""The park's secrets: made once, for its owner's eyes."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple

import pytest

from technopark.machine import MachineError
from technopark.machine.secrets import ensure_secrets, folder, read_secrets
from technopark.settings import Settings


def test_secrets_are_made_once_and_for_one_pair_of_eyes(settings: Settings) -> None:
    first = ensure_secrets(settings)
    place = folder(settings)
    assert place.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in place.iterdir()} == {0o600}
    assert len(set(astuple(first))) == len(astuple(first))
    (place / "crypt_key").chmod(0o644)
    assert ensure_secrets(settings) == first
    assert (place / "crypt_key").stat().st_mode & 0o777 == 0o600
    assert first.crypt_key not in repr(first)


def test_two_starts_at_once_agree(settings: Settings) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(ensure_secrets, [settings] * 8))
    assert len({astuple(each) for each in made}) == 1


def test_a_park_that_was_never_up_says_so(settings: Settings) -> None:
    with pytest.raises(MachineError, match=r"There is no .*proxy_token: `\./park up` makes it"):
        read_secrets(settings)
