"""The park's secrets: made on the first start, each a file of mode 0600 under `data`/secrets.

`ensure_secrets` is called by `up`; the park's processes read them with `read_secrets`. Secrets
never stand on a command line, in a log or in the settings file. An OpenID
provider makes the one of sign-in, and the admin puts it beside ours.
"""

import secrets
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from tempfile import NamedTemporaryFile

from technopark.machine import MachineError
from technopark.settings import Settings


@dataclass(frozen=True, repr=False)
class Secrets:
    """The secrets themselves, 64 hexadecimal digits each; a file each, of the same name."""

    proxy_token: str
    """Opens the proxy's API; known to the hub and the proxy."""
    cookie_secret: str
    """Signs the hub's cookies."""
    crypt_key: str
    """Encrypts what the hub keeps of a sign-in."""
    culler_token: str
    """The culler of idle servers, towards the hub's API."""
    grading_token: str
    """The command `technopark grade`, towards the hub's API and grading servers."""
    bell_token: str
    """The bell, towards the hub's API."""
    portal_token: str
    """The portal, towards the hub's API; what its forms are signed with is made from it."""


def folder(settings: Settings) -> Path:
    """Where the secrets are."""
    return settings.data / "secrets"


def were_made(settings: Settings) -> bool:
    """Whether this park was ever up: each has secrets from its first start on."""
    return folder(settings).exists()


def ensure_secrets(settings: Settings) -> Secrets:
    """Makes the secrets that are missing; takes from others what they may see by mistake."""
    place = folder(settings)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.chmod(0o700)
    for field in fields(Secrets):
        _ensure(place / field.name)
    return read_secrets(settings)


def read_secrets(settings: Settings) -> Secrets:
    """The secrets of this park.

    Raises:
        MachineError: they have not been made, or are not ours to read.
    """
    place = folder(settings)
    try:
        return Secrets(
            **{field.name: (place / field.name).read_text("ascii") for field in fields(Secrets)}
        )
    except FileNotFoundError as error:
        raise MachineError(f"There is no {error.filename}: `./park up` makes it.") from None
    except PermissionError as error:
        raise MachineError(
            f"{error.filename} may not be read by this user: call this as the user who runs the "
            "park (mostly root)."
        ) from None


def _ensure(path: Path) -> None:
    # Written beside and linked into place: two starts at once agree on one secret.
    if not path.exists():
        with NamedTemporaryFile("w", dir=path.parent, encoding="ascii") as draft:
            draft.write(secrets.token_hex(32))
            draft.flush()
            with suppress(FileExistsError):
                path.hardlink_to(draft.name)
    path.chmod(0o600)
