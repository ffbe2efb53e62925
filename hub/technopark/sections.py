"""What the park's settings are written with: sections, sizes, spans of time.

Called by `settings` and by whoever else reads a file that a person wrote.
"""

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def _bytes(value: object) -> object:
    if isinstance(value, str):
        match = re.fullmatch(
            r"(\d+(?:\.\d+)?)\s*([KMGT]?)", value.strip().upper().removesuffix("B")
        )
        if not match:
            raise ValueError(f"expected a size such as 512M or 1G, not {value!r}")
        return int(float(match[1]) * _UNITS[match[2]])
    return value


Bytes = Annotated[
    int,
    BeforeValidator(_bytes),
    Field(gt=0),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "exclusiveMinimum": 0}, {"type": "string"}]},
        mode="validation",
    ),
]
"""A size in bytes, written as 512M or 1G (powers of 1024)."""

Seconds = Annotated[float, Field(gt=0)]


class Section(BaseModel):
    """A part of the settings: unknown keys are errors, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)
