"""How much of a lesson the soak lives; the environment says so, see `./park test all`."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """How much of a lesson is lived: the whole is 30 pupils and 10 minutes, six times as quick."""

    pupils: int = int(os.environ.get("TECHNOPARK_TEST_SOAK_PUPILS", "4"))
    minutes: float = float(os.environ.get("TECHNOPARK_TEST_SOAK_MINUTES", "1.0"))
