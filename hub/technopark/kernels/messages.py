"""What the holder of a lease is told of its state, in Russian and in English.

Read by `views`. For pupils: what happened, and what to do now.
"""

from technopark.kernels.leases import Reason, State
from technopark.store import Lease

_ENDED: dict[Reason, tuple[str, str]] = {
    Reason.ABANDONED: (
        "Твой сервер долго не отвечал, и место на видеокарте освободилось. Перезапусти ядро.",
        "Your server was silent for long, so the place on the GPU was given back. Restart the "
        "kernel.",
    ),
    Reason.TIME_LIMIT: (
        "Время на видеокарте вышло. Код цел: перезапусти ядро, чтобы занять место ещё раз.",
        "The time on the GPU is over. Your code is safe: restart the kernel to get a place again.",
    ),
    Reason.IDLE: (
        "Ядро долго ничего не считало, и место на видеокарте освободилось. Перезапусти его, когда "
        "понадобится.",
        "The kernel had nothing to compute for long, so its place on the GPU was given back. "
        "Restart it when you need it.",
    ),
    Reason.RIGHTS: (
        "Этого класса больше нет в твоём списке, поэтому ядро остановлено.",
        "This classroom is no longer on your list, so the kernel was stopped.",
    ),
    Reason.NODE_LOST: (
        "Компьютер с видеокартой перестал отвечать. Перезапусти ядро: найдём другое место.",
        "The machine with the GPU does not answer any more. Restart the kernel: we will find "
        "another place.",
    ),
    Reason.FAILED: (
        "Ядро не запустилось. Попробуй ещё раз; если не выйдет, скажи учителю.",
        "The kernel did not start. Try once more; if that does not help, tell your teacher.",
    ),
    Reason.ADMIN: (
        "Администратор Технопарка остановил это ядро.",
        "An admin of the Technopark stopped this kernel.",
    ),
}
_DIED = (
    "Ядро на видеокарте остановилось. Перезапусти его: место пока за тобой.",
    "The kernel on the GPU has ended. Restart it: your place is kept for a while.",
)


def message(lease: Lease) -> str | None:
    """One or two sentences for whoever holds the lease; None where there is nothing to tell."""
    pair = None
    if lease.state == State.ENDED and lease.reason:
        pair = _ENDED.get(Reason(lease.reason))
    elif lease.state == State.STOPPED and lease.exit_code is not None:
        pair = _DIED
    return pair and pair[0 if lease.language == "ru" else 1]
