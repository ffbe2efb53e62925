"""`up` and `doctor` look after what the schools' sign-in needs."""

import pytest

from technopark.machine import MachineError
from technopark.machine.openid import check_openid, ensure_openid_secret
from technopark.machine.secrets import folder
from technopark.openid_settings import OpenId
from technopark.settings import Settings, SignIn


def test_a_provider_needs_its_secret_beside_ours(settings: Settings) -> None:
    ensure_openid_secret(settings)  # names and words alone need none
    openid = OpenId(issuer="https://sso.example", client_id="park")
    wants = settings.model_copy(update={"signin": SignIn(openid=openid)})
    with pytest.raises(MachineError, match=r"write there what https://sso\.example gave for the"):
        ensure_openid_secret(wants)
    file = folder(wants) / "openid-client-secret"
    file.parent.mkdir()
    file.write_text("")
    with pytest.raises(MachineError, match="no secret in"):
        ensure_openid_secret(wants)
    file.write_text("made-up\n")
    ensure_openid_secret(wants)
    assert file.stat().st_mode & 0o777 == 0o600


def test_without_a_provider_there_is_nothing_to_look_at(settings: Settings) -> None:
    assert check_openid(settings) == "name and words alone"
