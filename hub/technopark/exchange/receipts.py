"""Receipts: what the exchange signs for a submission that is safely on the disk.

Called by `submissions` (signs) and by whoever wants to check one (`verify` needs the public key
alone). What is signed never changes; whether a work is late may, when a deadline is moved, and
therefore stands beside the signature and not under it.
"""

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

SIGNED = ("id", "person", "classroom", "assignment", "sha256", "files", "bytes", "received_at")
"""The fields under the signature; `docs/exchange.md` says what each one means."""


class Signer:
    """The exchange's key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public_key = key.public_key()

    def sign(self, receipt: Mapping[str, Any]) -> str:
        """The signature (base64) of the receipt's signed fields."""
        return base64.b64encode(self._key.sign(signed_text(receipt))).decode()

    @property
    def public_pem(self) -> str:
        """The public key, as others want it."""
        return self.public_key.public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        ).decode()


def signed_text(receipt: Mapping[str, Any]) -> bytes:
    """The bytes under the signature: canonical JSON of the signed fields.

    Raises:
        KeyError: the receipt lacks one of them.
    """
    fields = {name: receipt[name] for name in SIGNED}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def verify(receipt: Mapping[str, Any], public_key: Ed25519PublicKey) -> bool:
    """Whether the exchange with this key gave this receipt, and nobody changed it since."""
    try:
        public_key.verify(base64.b64decode(receipt["signature"]), signed_text(receipt))
    except (InvalidSignature, KeyError, TypeError, ValueError):
        return False
    return True


def key_id(public_key: Ed25519PublicKey) -> str:
    """A short name of the key, so that old receipts still say which key to take."""
    raw = public_key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def read_public_key(pem: bytes) -> Ed25519PublicKey:
    """The public key in a PEM text.

    Raises:
        ValueError: it is not an Ed25519 public key.
    """
    key = load_pem_public_key(pem)
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("expected an Ed25519 public key in PEM form")  # noqa: TRY004  # bad data, not a bad call
    return key


def key_path(data: Path) -> Path:
    """Where the park keeps the exchange's key."""
    return data / "secrets" / "exchange-receipts.pem"


def load_signer(path: Path) -> Signer:
    """The key in `path`; made there, for the owner's eyes only, where there is none.

    Safe to call from several processes at once: all get the same key.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        made = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            # Unlike a rename, a link never replaces the key that another process made first.
            os.link(made, path)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path}: expected an Ed25519 private key")  # noqa: TRY004  # bad data, not a bad call
    return Signer(key)
