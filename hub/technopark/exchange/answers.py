"""What the exchange answers, as JSON: the contract with `technopark_exchange` in the images.

Built by `assignments` and `submissions`, sent by `routes`; `docs/exchange.md` explains the fields.
Times are UTC, written by `deadlines.written`.
"""

from pydantic import BaseModel


class Released(BaseModel):
    """An assignment that may be fetched."""

    classroom: str
    assignment: str
    version: int
    sha256: str
    files: list[str]
    due: str | None
    """The asker's own deadline, an extension included."""
    timezone: str


class Receipt(BaseModel):
    """The proof that a work was taken; `receipts.SIGNED` names the signed fields."""

    id: str
    person: str
    classroom: str
    assignment: str
    sha256: str
    files: int
    bytes: int
    received_at: str
    key: str
    signature: str
    due: str | None
    late: bool
    timezone: str


class Submitted(Receipt):
    """A receipt with what a list of works needs beside it."""

    notebooks: list[str]
    """Names of the notebooks in the work's own folder, without `.ipynb`."""
    feedback: dict[str, str] | None
    """Released feedback: file name to its sha256."""


class ExtensionInfo(BaseModel):
    """A pupil's own, later deadline."""

    person: str
    due: str


class Deadline(BaseModel):
    """A moment as somebody wrote it; without a zone it is in the site's."""

    due: str | None
