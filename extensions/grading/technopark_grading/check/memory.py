"""How much memory the kernels took: watched from outside, so that no notebook is changed for it."""

import threading
from types import TracebackType

import psutil  # type: ignore[import-untyped]  # published without types

_PAUSE_S = 0.05


class PeakMemory:
    """Watches the processes below this one; `megabytes` is the most that they held at a time."""

    def __init__(self) -> None:
        self.megabytes = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        me = psutil.Process()
        while not self._done.wait(_PAUSE_S):
            held = 0
            for child in me.children(recursive=True):
                try:
                    held += child.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.megabytes = max(self.megabytes, held / 1e6)
