"""The park's own registry: Debian's docker-registry, with our certificate and our password.

Called by `up` where the settings say `registry.own`, before the processes start, and by `down`.
What it makes stands in `data`/registry; beside that it only lets this machine's engine trust the
certificate.
"""

import secrets
import subprocess
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from technopark.engine.registry import read_password
from technopark.machine.debian import ensure_packages
from technopark.progress import say
from technopark.settings import Settings

PROGRAM = "docker-registry"
PACKAGES = (PROGRAM, "apache2-utils")
"""The latter for `htpasswd`: the registry knows passwords by bcrypt alone."""
_VALID = timedelta(days=3650)
TRUSTED = Path("/etc/docker/certs.d")
"""Where engines look for certificates, in a folder for each registry."""


def configuration_file(settings: Settings) -> Path:
    """What the registry's program is started with."""
    return _folder(settings) / "config.yml"


def certificate_file(settings: Settings) -> Path:
    """What each node must trust: its `TRUSTED`/<address>/ca.crt."""
    return _folder(settings) / f"{_host(settings)}.crt"


def listening_place(settings: Settings) -> tuple[str, int]:
    """IP address and TCP port; all addresses of this machine where the settings give a name."""
    host, _, port = settings.registry.address.rpartition(":")
    try:
        return str(ip_address(host)), int(port)
    except ValueError:
        return "0.0.0.0", int(port)  # noqa: S104  # nodes come from elsewhere; TLS and a password


def ensure_registry(settings: Settings, trusted: Path = TRUSTED) -> None:
    """All that the registry needs to start is there, where the park is to have one.

    Raises:
        MachineError: a package is missing and cannot be installed.
    """
    if not settings.registry.own:
        return
    ensure_packages(PACKAGES, "the registry of images (`registry.own`)")
    write_configuration(settings)
    certificate = certificate_file(settings).read_bytes()
    known = _known(settings, trusted)
    if not known.exists() or known.read_bytes() != certificate:
        known.parent.mkdir(parents=True, exist_ok=True)
        known.write_bytes(certificate)
        say(
            f"Registry: its certificate is {certificate_file(settings)}. Each node of the Swarm "
            f"needs it as {TRUSTED / settings.registry.address / 'ca.crt'}."
        )


def forget_registry(settings: Settings, trusted: Path = TRUSTED) -> None:
    """This machine's engine trusts the certificate no more; what the registry holds stays."""
    known, ours = _known(settings, trusted), certificate_file(settings)
    if not (settings.registry.own and known.exists() and ours.exists()):
        return
    if known.read_bytes() == ours.read_bytes():
        known.unlink()
        with suppress(OSError):  # somebody else's files are in it
            known.parent.rmdir()


def write_configuration(settings: Settings) -> None:
    """The registry's configuration, certificate and password; what is there stays."""
    place = _folder(settings)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    _ensure_certificate(settings)
    _ensure_password(settings)
    content = {
        "version": 0.1,
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": str(place / "images")},
            "delete": {"enabled": True},
        },
        "http": {
            "addr": ":".join(map(str, listening_place(settings))),
            "tls": {"certificate": str(certificate_file(settings)), "key": str(_key(settings))},
        },
        "auth": {"htpasswd": {"realm": "technopark", "path": str(_users(settings))}},
    }
    configuration_file(settings).write_text(yaml.safe_dump(content), encoding="utf-8")


def _ensure_password(settings: Settings) -> None:
    file, users = settings.registry_password_file, _users(settings)
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(24), encoding="ascii")
    file.chmod(0o600)
    account = settings.registry.account
    if (
        users.exists()
        and users.stat().st_mtime_ns > file.stat().st_mtime_ns
        and users.read_text(encoding="utf-8").startswith(f"{account}:")
    ):
        return
    users.touch(mode=0o600)
    made = subprocess.run(
        ["htpasswd", "-i", "-n", "-B", account],
        input=read_password(settings),
        capture_output=True,
        text=True,
        check=True,
    )
    users.write_text(made.stdout.strip() + "\n", encoding="utf-8")


def _ensure_certificate(settings: Settings) -> None:
    """One that is its own authority, for the name by which nodes reach the registry."""
    certificate, key = certificate_file(settings), _key(settings)
    if certificate.exists() and key.exists():
        return
    made = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Technopark: registry")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(made.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName([_name(_host(settings))]), critical=False)
        .sign(made, SHA256())
    )
    key.touch(mode=0o600)
    key.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    certificate.write_bytes(signed.public_bytes(Encoding.PEM))


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _known(settings: Settings, trusted: Path) -> Path:
    return trusted / settings.registry.address / "ca.crt"


def _host(settings: Settings) -> str:
    return settings.registry.address.rpartition(":")[0]


def _key(settings: Settings) -> Path:
    return _folder(settings) / f"{_host(settings)}.key"


def _users(settings: Settings) -> Path:
    return _folder(settings) / "users"


def _folder(settings: Settings) -> Path:
    return settings.data / "registry"
