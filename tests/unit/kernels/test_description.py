"""The API is described twice, for programs and for people, and both name the same."""

import re

from technopark.kernels.asking import VARIABLES
from technopark.kernels.leases import Reason, State
from technopark.kernels.refusals import Refusal
from technopark.kernels.views import LeaseView
from technopark.settings import SOURCE

from .conftest import Park

DOCUMENT = (SOURCE / "docs" / "leases.md").read_text("utf-8")


def test_the_document_names_every_path(broker: Park) -> None:
    assert broker.http
    described = broker.http.get("/openapi.json").json()["paths"]
    told = set(re.findall(r"^\| `([A-Z]+) (/\S*)`", DOCUMENT, re.MULTILINE))
    assert told == {
        (method.upper(), path) for path, methods in described.items() for method in methods
    }
    assert "| `/leases/{lease_id}/stream` |" in DOCUMENT, "OpenAPI knows no WebSockets"


def test_the_document_names_fields_states_reasons_and_variables() -> None:
    for name in (*LeaseView.model_fields, *State, *Reason, *VARIABLES):
        assert f"`{name}`" in DOCUMENT, name


def test_secrets_are_described_as_such(broker: Park) -> None:
    assert broker.http
    shapes = broker.http.get("/openapi.json").json()["components"]["schemas"]
    keys = shapes["Connection"]["properties"]
    assert keys["key"]["format"] == "password"
    assert "connection" not in shapes["LeaseView"]["properties"]


def test_each_refusal_is_a_sentence_in_both_languages() -> None:
    details = {"classroom": "data-6a", "first": "a.ipynb", "limit": 1, "where": "body"}
    for code in Refusal.sentences:
        refusal = Refusal(code, **details)
        russian, english = refusal.sentence("ru"), refusal.sentence("en")
        assert re.search("[а-я]", russian)
        assert not re.search("[а-я]", english)
        assert russian.endswith(".")
        assert english.endswith(".")
