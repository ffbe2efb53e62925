"""The panel says of kernels on GPUs what their cells say, and of others nothing."""

from types import SimpleNamespace
from typing import Any

import pytest

from technopark_lab.gpu_line import standings


def kernel(phase: str, lease: Any = None, *, is_leased: bool = True) -> Any:
    return SimpleNamespace(is_leased=is_leased, standing=SimpleNamespace(phase=phase, lease=lease))


def lease(state: str, place: int | None = None) -> Any:
    return SimpleNamespace(state=state, place=place, estimate_s=150.0)


KERNELS = {
    "asks": kernel("waiting"),
    "waits": kernel("waiting", lease("waiting", 2)),
    "starts": kernel("waiting", lease("starting")),
    "runs": kernel("running", lease("running")),
    "over": kernel("ended", lease("ended")),
    "local": kernel("waiting", is_leased=False),
    "stock": SimpleNamespace(),
}
MANAGER = SimpleNamespace(list_kernel_ids=lambda: list(KERNELS), get_kernel=KERNELS.get)


def test_each_leased_kernel_has_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TECHNOPARK_GPU", "1")
    monkeypatch.setenv("TECHNOPARK_LANGUAGE", "ru")
    told = {one["kernel"]: (one["place"], one["sentence"]) for one in standings(MANAGER)}
    assert list(told) == ["asks", "waits", "starts", "runs"]
    assert told["waits"][0] == 2
    assert told["waits"][1].startswith("Твоё место в очереди на видеокарту — второе, ждать")
    assert told["runs"] == (None, "Видеокарта твоя, тетрадь на ней работает.")


def test_without_gpus_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TECHNOPARK_GPU", raising=False)
    assert standings(None) == []
