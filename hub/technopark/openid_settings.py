"""The settings of sign-in by OpenID Connect: the provider, and what its claims mean in the park.

A part of `settings`; read by `signin.openid` and `signin.claims`. It holds no secret: that of the
client is a file in the folder of secrets.
"""

from collections.abc import Iterator
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, field_validator, model_validator

from technopark.sections import Seconds, Section

Steps = tuple[str | int, ...]

_CHANGES = {"email", "name", "nickname", "preferred_username", "phone_number"}
"""Claims that a provider may give to somebody else tomorrow (OpenID Connect Core, 5.7)."""


def _texts(values: object) -> object:
    """YAML reads 6 and 06 as one number; claims are texts."""
    if isinstance(values, dict):
        for value in values:
            if not isinstance(value, str):
                raise ValueError(  # noqa: TRY004  # what pydantic takes for a person's mistake
                    f'expected values of the claim in quotes, such as "6", not {value!r}'
                )
    return values


class SiteClaim(Section):
    """Which site a person is of."""

    claim: str = Field("", description="The claim; empty: a person gets no site")
    values: Annotated[dict[str, str], BeforeValidator(_texts)] = Field(
        default_factory=dict, description="The claim's value, and the site's id"
    )


class Role(Section):
    """A role beyond classrooms."""

    role: Literal["author", "curator", "admin"] = Field(description="The role")
    site: str | None = Field(
        None, description="An admin's site; without it an admin is one of the whole park"
    )

    @model_validator(mode="after")
    def _only_admins_have_a_site(self) -> "Role":
        if self.site and self.role != "admin":
            raise ValueError(f"only an admin is of a site; a role of {self.role} is for the park")
        return self


class RoleClaim(Section):
    """Which roles beyond classrooms a person has."""

    claim: str = Field("", description="The claim; empty: nobody gets a role by it")
    values: Annotated[dict[str, Role], BeforeValidator(_texts)] = Field(
        default_factory=dict, description="The claim's value, and the role"
    )


class Seat(Section):
    """A place in a classroom."""

    classroom: str = Field(description="The classroom's id")
    role: Literal["pupil", "teacher"] = Field("pupil", description="The role in it")


class ClassroomClaim(Section):
    """Which classrooms a person is in."""

    claim: str = Field("", description="The claim; empty: rosters are made in the park alone")
    values: Annotated[dict[str, Seat], BeforeValidator(_texts)] = Field(
        default_factory=dict, description="The claim's value, and the classroom"
    )


class Claims(Section):
    """What the provider's claims mean in the park. What is not named here is not touched.

    A claim is named as it is (`groups`), or by the way to it (`realm_access.roles`).
    """

    subject: str = Field(
        "sub",
        min_length=1,
        description="Who somebody is, for ever: never an e-mail or a name, which change hands",
    )
    given_name: str = Field("given_name", min_length=1, description="The given name")
    surname: str = Field(
        "family_name", description="The surname; only its first letter is kept. Empty: none"
    )
    person: str = Field(
        "",
        description="A claim with the park's own name of somebody who is in the park already: the "
        "first sign-in is theirs. Empty: nobody is taken for somebody known",
    )
    site: SiteClaim = SiteClaim()
    roles: RoleClaim = RoleClaim()
    classrooms: ClassroomClaim = ClassroomClaim()

    @field_validator("subject")
    @classmethod
    def _stays(cls, value: str) -> str:
        if value in _CHANGES:
            raise ValueError(
                f"'{value}' can change hands, and whoever gets it would get the person's work; "
                "expected a claim that stays for ever, such as sub"
            )
        return value

    @model_validator(mode="after")
    def _values_have_a_claim(self) -> "Claims":
        for name in ("site", "roles", "classrooms"):
            part: SiteClaim | RoleClaim | ClassroomClaim = getattr(self, name)
            if part.values and not part.claim:
                raise ValueError(f"{name} has values; expected {name}.claim, whose values they are")
            if part.claim and not part.values:
                raise ValueError(
                    f"{name} has a claim; expected {name}.values, what its values mean"
                )
        return self


class Button(Section):
    """What stands on the button of the sign-in page."""

    ru: str = Field("Войти через школу", min_length=1, max_length=60, description="In Russian")
    en: str = Field(
        "Sign in through your school", min_length=1, max_length=60, description="In English"
    )


class OpenId(Section):
    """Sign-in by OpenID Connect, beside name and words; see docs/admins.md."""

    issuer: str = Field(
        "",
        description="The provider's issuer, exactly as it names itself, such as "
        "https://sso.example; empty: name and words alone",
    )
    client_id: str = Field("", description="The park's name at the provider")
    client_secret_file: str = Field(
        "openid-client-secret",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="The file in `data`/secrets that holds the client's secret, and nothing else",
    )
    client_auth: Literal["basic", "post"] = Field(
        "basic", description="How the park shows its secret: client_secret_basic or _post"
    )
    scopes: list[str] = Field(
        default=["openid", "profile"], description="What the provider is asked for"
    )
    always_ask: bool = Field(
        True,
        description="The provider asks for a password at each sign-in (prompt=login): at school "
        "PCs are shared, and the one before may still be signed in there",
    )
    answer_seconds: Seconds = Field(5, description="The provider is given up after so long")
    button: Button = Button()
    claims: Claims = Claims()

    @field_validator("issuer")
    @classmethod
    def _is_issuer(cls, value: str) -> str:
        parts = urlsplit(value)
        is_here = parts.hostname in ("localhost", "127.0.0.1", "::1")
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_here)
        if value and not (is_safe and parts.hostname and not parts.query and not parts.fragment):
            raise ValueError(
                f"expected an address such as https://sso.example (https, or http on this "
                f"machine), not {value!r}"
            )
        return value

    @field_validator("scopes")
    @classmethod
    def _asks_for_openid(cls, value: list[str]) -> list[str]:
        if "openid" not in value:
            raise ValueError("expected openid among the scopes: without it nobody is named")
        return value

    @model_validator(mode="after")
    def _is_whole(self) -> "OpenId":
        if self.issuer and not self.client_id:
            raise ValueError("issuer is given; expected client_id too, the park's name there")
        if self.client_id and not self.issuer:
            raise ValueError("client_id is given; expected issuer too, the provider's address")
        return self

    @property
    def is_on(self) -> bool:
        """Whether the sign-in page offers this way."""
        return bool(self.issuer)


def sites_named(openid: OpenId) -> list[tuple[Steps, str]]:
    """The sites that claims lead to, each with the steps to where it is named below `claims`."""
    return list(_sites_named(openid.claims))


def _sites_named(claims: Claims) -> Iterator[tuple[Steps, str]]:
    for value, site in claims.site.values.items():
        yield ("site", "values", value), site
    for value, role in claims.roles.values.items():
        if role.site:
            yield ("roles", "values", value, "site"), role.site
