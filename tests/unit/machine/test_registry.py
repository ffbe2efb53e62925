"""What `doctor` says of the registry where there is none, and where its password is missing."""

import pytest

from technopark.engine.registry import RegistryError, sign_in
from technopark.machine.registry import check_registry
from technopark.settings import Leases, Registry, Settings


def test_a_park_of_one_machine_needs_no_registry(settings: Settings) -> None:
    assert check_registry(settings) == "none"
    swarm = settings.model_copy(update={"leases": Leases(engine="swarm")})
    assert check_registry(swarm) == "none: images are copied to the nodes by hand"


def test_who_signs_in_needs_a_password_in_its_file(settings: Settings) -> None:
    named = Registry(address="city:5000", user="park")
    wants = settings.model_copy(update={"registry": named})
    with pytest.raises(RegistryError, match=r"words of 'park' belong into .*/registry-password"):
        sign_in(None, wants)  # before any engine is asked
