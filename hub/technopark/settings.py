"""The park's settings: `config/technopark.yaml` as typed values, every default visible here.

Called by every part of the control plane; reads files, never writes any (secrets are made by
`machine.secrets`, on first start).
"""

import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator, model_validator

from technopark.lease_settings import Device as Device
from technopark.lease_settings import GpuLeases as GpuLeases
from technopark.lease_settings import LeaseNode as LeaseNode
from technopark.lease_settings import Leases as Leases
from technopark.lease_settings import Sandboxes as Sandboxes
from technopark.openid_settings import OpenId, sites_named
from technopark.sections import Bytes as Bytes
from technopark.sections import Seconds
from technopark.sections import Section as Section
from technopark.yamlfile import FileError, YamlFile

SOURCE = Path(__file__).resolve().parents[2]
"""The project's root: images/, courses/ and extensions/ are found here."""

BEHIND_TLS = 8000
"""The port of plain HTTP behind a front that speaks https, where the settings name none."""


class Web(Section):
    """Where people reach the park."""

    address: str = Field("http://localhost:8000", description="What people type into the browser")
    listen: str = Field(
        "", description="Address to listen on; empty: 127.0.0.1 for localhost, else all"
    )
    port: int | None = Field(
        None,
        gt=0,
        lt=65536,
        description="TCP port to listen on, always plain HTTP. Default: the port of `address`; "
        f"{BEHIND_TLS} where `address` is https, which a front with a certificate serves",
    )
    fronts: list[str] = Field(
        default_factory=list,
        description="Addresses of what speaks TLS before the park, such as 192.0.2.7: what they "
        "say of where a browser is, is believed. This machine's own need not be named",
    )
    subdomains: bool | None = Field(
        None,
        description="Each pupil's server on a name of its own (kid.park.example), so that pages of "
        "one pupil cannot act for another. Needs a wildcard DNS record. "
        "Default: on where the address is a name, off where it is an IP address.",
    )
    front: Literal["auto", "nginx", "embedded"] = Field(
        "auto",
        description="What serves the files that all browsers download. nginx: Debian's, before the "
        "proxy; embedded: a service of the park's own. auto: nginx where it is installed",
    )

    @field_validator("address")
    @classmethod
    def _is_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
            raise ValueError(f"expected an address such as http://localhost:8000, not {value!r}")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _names_have_subdomains(self) -> "Web":
        if self.subdomains and self._is_ip:
            raise ValueError("subdomains need a name in `address`; an IP address has none")
        return self

    @field_validator("fronts")
    @classmethod
    def _are_addresses(cls, value: list[str]) -> list[str]:
        for each in value:
            ip_network(each)  # its error names what was expected
        return value

    @model_validator(mode="after")
    def _leaves_https_to_the_front(self) -> "Web":
        if self.has_front and self.listen_port == self._port_of_address:
            raise ValueError(
                f"port {self.listen_port} of the https `address` belongs to the front with the "
                "certificate; the park listens behind it on plain HTTP: name another `port`"
            )
        return self

    @property
    def _is_ip(self) -> bool:
        return bool(re.fullmatch(r"[\d.]+|.*:.*", urlsplit(self.address).hostname or ""))

    @property
    def _port_of_address(self) -> int:
        return urlsplit(self.address).port or (443 if self.has_front else 80)

    @property
    def has_front(self) -> bool:
        """Whether browsers speak https, to a front before the park's own proxy."""
        return urlsplit(self.address).scheme == "https"

    @property
    def believed_fronts(self) -> tuple[str, ...]:
        """Whose word counts of where a browser is: `fronts`, and one on this machine."""
        here = ("127.0.0.0/8", "::1") if self.has_front else ()
        return (*self.fronts, *here)

    @property
    def listen_port(self) -> int:
        """The TCP port that the proxy listens on, in plain HTTP."""
        return self.port or (BEHIND_TLS if self.has_front else self._port_of_address)

    @property
    def listen_ip(self) -> str:
        """The IP address that the proxy listens on."""
        local = urlsplit(self.address).hostname in ("localhost", "127.0.0.1")
        return self.listen or ("127.0.0.1" if local else "0.0.0.0")  # noqa: S104  # a park is to be reached

    @property
    def has_subdomains(self) -> bool:
        """Whether each server gets a name of its own."""
        return not self._is_ip if self.subdomains is None else self.subdomains

    def service_address(self, name: str) -> str:
        """Where browsers find the pages of the hub's service `name`; ends with a slash.

        On a name of its own, as JupyterHub makes it (`jupyterhub.utils.subdomain_hook_idna`).
        """
        scheme, host = urlsplit(self.address)[:2]
        place = f"{name}--service.{host}" if self.has_subdomains else host
        return f"{scheme}://{place}/services/{name}/"


class Database(Section):
    """Where the hub and the park keep their tables."""

    url: SecretStr = Field(
        SecretStr(""),
        description="Empty: SQLite files under `data`. Or postgresql://user:password@host/name",
    )

    @field_validator("url")
    @classmethod
    def _is_known(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if text and not text.startswith(("postgresql://", "postgresql+psycopg://")):
            raise ValueError("expected postgresql://user:password@host/name, or nothing for SQLite")
        return value


class Engine(Section):
    """The Docker engine."""

    url: str = Field("unix:///var/run/docker.sock", description="Where the engine listens")
    timeout: Seconds = Field(60, description="Seconds after which a call to the engine is given up")
    threads: int = Field(8, ge=1, le=64, description="Calls to the engine at a time")


class Network(Section):
    """What a server may reach."""

    name: str = Field(
        "technopark", pattern=r"^[a-z][a-z0-9-]{0,11}$", description="The bridge's name"
    )
    subnet: str = Field("", description="Such as 10.77.0.0/20; empty: the engine chooses")
    allowed: dict[str, list[str]] = Field(
        default_factory=dict,
        description="Lists of hosts (host or host:port); a course names the lists it may reach",
    )


class Servers(Section):
    """How pupils' servers start, and the limits of one."""

    way: Literal["forked", "ordinary"] = Field(
        "forked",
        description="forked: from the node's parent, at a fraction of the cost; ordinary: each "
        "starts by itself, also where the parent is away. docs/security.md tells the difference",
    )
    memory: Bytes = Field(1 << 30, description="Memory")
    grading_memory: Bytes = Field(2 << 30, description="Memory of a classroom's grading server")
    cpu: float = Field(1.0, gt=0, description="Cores")
    pids: int = Field(256, ge=32, description="Processes and threads")
    open_files: int = Field(4096, ge=256, description="Open files of one process")
    scratch: Bytes = Field(256 << 20, description="Size of /tmp (in memory)")
    idle_minutes: float = Field(45, gt=0, description="A server unused for so long is stopped")
    start_timeout: Seconds = Field(
        120, description="Seconds from the container's start to its answer"
    )


class Admission(Section):
    """The line before every start of a server; see docs/admission.md."""

    at_a_time: int = Field(
        0,
        ge=0,
        description="Servers that start at a time; 0: as many as the machine carries, as measured",
    )
    keep_free: Bytes = Field(
        1 << 30, description="Memory that no new server may touch, for those that run and the hub"
    )
    server_memory: Bytes | None = Field(
        None,
        description="What a server with a notebook is expected to use, until enough of them are "
        "at work to be measured. It is set aside at the start; default: what a pupil with the "
        "largest course's libraries takes (docs/capacity.md)",
    )
    keep_place_seconds: Seconds = Field(
        120, description="Who closes the waiting page keeps the place for so long"
    )
    refuse_minutes: float = Field(
        5, gt=0, description="A start is refused when memory has been short for so long"
    )


class Bell(Section):
    """Servers that are started before the lessons of the timetable; see docs/bell.md."""

    lead_minutes: float = Field(
        30, gt=0, description="No server is started longer than this before its lesson"
    )
    ready_minutes: float = Field(
        2, ge=0, description="All servers of a lesson are to be ready so long before the bell"
    )
    unused_minutes: float = Field(
        10, ge=0, description="A server that nobody came to is stopped so long after the bell"
    )
    at_a_time: int = Field(
        0, ge=0, description="Servers asked for at a time; 0: two for each core of the machine"
    )
    server_memory: Bytes | None = Field(
        None,
        description="What the forecast reckons for one server with a kernel at work; default: as "
        "measured (docs/capacity.md)",
    )


class Portal(Section):
    """The pages where teachers keep their classrooms."""

    join_code_minutes: float = Field(
        45, gt=0, description="A code to join a class lasts so long, where it is made for a lesson"
    )
    stuck_minutes: float = Field(
        5, gt=0, description="Who has the same error for so long is stuck, on the page of the class"
    )
    send_mb: int = Field(
        8, ge=1, le=100, description="Megabytes of a file that a teacher sends to pupils"
    )


class Exchange(Section):
    """What one submission may be."""

    port: int = Field(8082, gt=0, lt=65536, description="TCP port of the service on the bridge")
    max_bytes: Bytes = Field(50 << 20, description="Size of a submission, unpacked")
    max_files: int = Field(1000, ge=1, description="Files in a submission")
    max_depth: int = Field(20, ge=1, description="Folders in folders")


class SignIn(Section):
    """How people sign in: how wrong words are slowed down, who came, and a way beside words."""

    free_attempts: int = Field(5, ge=1, description="Wrong words in a row that cost no wait")
    wait_seconds: Seconds = Field(
        5, description="The first wait; it doubles with each further failure"
    )
    longest_wait_seconds: Seconds = Field(300, description="No wait is longer")
    address_names: int = Field(
        60,
        ge=1,
        description="So many different names may have failed at one address; then only names that "
        "signed in there before are let try",
    )
    address_minutes: float = Field(
        15, gt=0, description="A name's failure counts for so long there"
    )
    log_days: int = Field(90, ge=1, description="The log of sign-ins goes back so far")
    openid: OpenId = OpenId()


class Safety(Section):
    """How long people and their work are kept; see docs/children.md."""

    work_days: int = Field(
        365, ge=0, description="Files and works are kept so long after somebody left; 0: for ever"
    )
    people_days: int = Field(
        730,
        ge=0,
        description="Then the person is deleted, marks and all, so long after leaving; 0: never",
    )
    log_days: int = Field(
        1095, ge=366, description="The log of who saw and changed what goes so far back"
    )
    hour: int = Field(
        3, ge=0, le=23, description="Once a day from this hour on, in the park's time zone"
    )


class Images(Section):
    """Where images come from."""

    base: str = Field(
        "", description="A ready base image to build on instead of Debian by mmdebstrap"
    )


class Registry(Section):
    """Where the nodes of a Swarm fetch the images of coming lessons; see docs/bell.md."""

    address: str = Field(
        "",
        description="Such as 10.0.0.5:5000, by which this machine and all nodes reach it; empty: "
        "there is none, and images are copied to the nodes by hand",
    )
    own: bool = Field(
        False, description="Whether the park runs it, on its own machine, at `address`"
    )
    folder: str = Field(
        "technopark",
        pattern=r"^[a-z0-9]+([._/-][a-z0-9]+)*$",
        description="What the names of the park's images begin with there",
    )
    user: str = Field(
        "",
        description="Who signs in there; the password is a file: <data>/secrets/registry-password. "
        "Empty: nobody has to; where the registry is the park's own: park",
    )

    @field_validator("address")
    @classmethod
    def _is_host(cls, value: str) -> str:
        # An engine takes a first part without dot and port for a folder of the public registry.
        if value and not re.fullmatch(r"[\w-]+:\d+|[\w-]+(\.[\w-]+)+(:\d+)?", value):
            raise ValueError(f"expected a name or an address such as 10.0.0.5:5000, not {value!r}")
        return value

    @model_validator(mode="after")
    def _own_has_a_port(self) -> "Registry":
        if self.own and ":" not in self.address:
            raise ValueError("the park's own registry needs an `address` with a port")
        return self

    @property
    def account(self) -> str:
        """Who signs in; empty: nobody has to."""
        return self.user or ("park" if self.own else "")


class Ports(Section):
    """Ports inside this machine that nobody types."""

    hub: int = Field(8081, gt=0, lt=65536, description="The hub's API, on the bridge")
    proxy_api: int = Field(8001, gt=0, lt=65536, description="The proxy's API, on loopback")
    files: int = Field(
        8005, gt=0, lt=65536, description="What browsers download, on loopback (front: embedded)"
    )
    egress: int = Field(8083, gt=0, lt=65536, description="The way out by name, on the bridge")
    broker: int = Field(8084, gt=0, lt=65536, description="The broker of leases, on the bridge")
    bell: int = Field(8085, gt=0, lt=65536, description="The timetable's pages, on the bridge")
    portal: int = Field(8086, gt=0, lt=65536, description="The portal's pages, on the bridge")


class Settings(Section):
    """All settings of a park. Paths are resolved against the file that names them."""

    data: Path = Field(Path("../var"), description="The folder that holds all state")
    sites: Path = Field(Path("sites.yaml"), description="The park's sites")
    courses: Path = Field(Path("../courses"), description="Courses that come with the park")
    demo: Path | None = Field(None, description="Made-up classrooms and people; none in production")
    language: Literal["ru", "en"] = Field("ru", description="Language of a person who chose none")
    timezone: str = Field("Europe/Moscow", description="Time zone of sites that name none")
    web: Web = Web()
    database: Database = Database()
    engine: Engine = Engine()
    network: Network = Network()
    servers: Servers = Servers()
    admission: Admission = Admission()
    bell: Bell = Bell()
    portal: Portal = Portal()
    exchange: Exchange = Exchange()
    leases: Leases = Leases()
    signin: SignIn = SignIn()
    safety: Safety = Safety()
    images: Images = Images()
    registry: Registry = Registry()
    ports: Ports = Ports()

    @field_validator("timezone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"expected a time zone such as Europe/Moscow, not {value!r}") from None
        return value

    @property
    def database_url(self) -> str:
        """The park's own tables, as an SQLAlchemy URL."""
        return _psycopg(self.database.url) or f"sqlite:///{self.data / 'park.sqlite'}"

    @property
    def hub_database_url(self) -> str:
        """JupyterHub's tables, as an SQLAlchemy URL."""
        return _psycopg(self.database.url) or f"sqlite:///{self.data / 'hub.sqlite'}"

    @property
    def registry_password_file(self) -> Path:
        """Where the admin writes down the password of `registry.user`, and nothing else."""
        return self.data / "secrets" / "registry-password"

    @property
    def homes(self) -> Path:
        """The folder of the pupils' home folders."""
        return self.data / "homes"


def _psycopg(url: SecretStr) -> str:
    return url.get_secret_value().replace("postgresql://", "postgresql+psycopg://", 1)


def settings_path() -> Path:
    """The settings file: `$TECHNOPARK_CONFIG`, else the project's own `config/technopark.yaml`."""
    return Path(os.environ.get("TECHNOPARK_CONFIG") or SOURCE / "config" / "technopark.yaml")


def load(path: Path | None = None) -> Settings:
    """The settings in `path` (default: `settings_path()`).

    Raises:
        FileError: a key, type or reference is wrong; a line for each.
    """
    file = YamlFile(path or settings_path())
    settings = file.read(Settings)
    folder = file.path.resolve().parent
    paths: dict[str, Any] = {
        name: (folder / value).resolve()
        for name in ("data", "sites", "courses", "demo")
        if (value := getattr(settings, name)) is not None
    }
    missing = [
        file.problem((name,), f"there is no {paths[name]}")
        for name in ("sites", "courses", "demo")
        if name in paths and not paths[name].exists()
    ]
    if missing:
        raise FileError("\n".join(missing))
    _check_sites(file, settings.signin.openid, paths["sites"])
    return settings.model_copy(update=paths)


def _check_sites(file: YamlFile, openid: OpenId, sites: Path) -> None:
    """Sites that claims lead to are known, or nobody of them could ever sign in."""
    named = sites_named(openid)
    if not named:
        return
    listed = YamlFile(sites).data.get("sites") or []
    known = {site.get("id") for site in listed if isinstance(site, dict)}
    problems = [
        file.problem(
            ("signin", "openid", "claims", *steps), f"there is no site '{site}' in {sites}"
        )
        for steps, site in named
        if site not in known
    ]
    if problems:
        raise FileError("\n".join(problems))
