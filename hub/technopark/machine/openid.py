"""What sign-in by OpenID Connect needs of this machine: the client's secret, and an answer.

Called by `up` before all else, and by `doctor`. It never reads what the secret says.
"""

from http import HTTPStatus

from technopark.machine import MachineError
from technopark.machine.readiness import front_status
from technopark.machine.secrets import folder
from technopark.settings import Settings


def ensure_openid_secret(settings: Settings) -> None:
    """The secret that the provider gave is there, for one pair of eyes, where there is a provider.

    Raises:
        MachineError: it is not there.
    """
    openid = settings.signin.openid
    file = folder(settings) / openid.client_secret_file
    if not openid.is_on:
        return
    if not file.is_file() or not file.stat().st_size:
        raise MachineError(
            f"signin.openid names a provider, and there is no secret in {file}: write there what "
            f"{openid.issuer} gave for the client {openid.client_id!r}, and nothing else."
        )
    file.chmod(0o600)


def check_openid(settings: Settings) -> str:
    """The hub's own word: it sends browsers to a provider only where that answers as it should.

    Raises:
        MachineError: it does not.
    """
    openid = settings.signin.openid
    if not openid.is_on:
        return "name and words alone"
    status = front_status(settings, "/hub/oauth_login")
    if status == HTTPStatus.FOUND:
        return f"{openid.issuer} answers"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        found = f"{openid.issuer} does not answer"
    elif status == HTTPStatus.BAD_GATEWAY:
        found = f"{openid.issuer} is not what the settings say, or the client's secret is missing"
    else:
        found = f"the hub answers {status}" if status else "the hub does not answer"
    raise MachineError(
        f"The button of the schools' sign-in leads nowhere: {found}. `./park logs hub` says why. "
        "Names and words are another way, and work without it."
    )
