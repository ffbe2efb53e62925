"""What sessions may not ask of the kernel: changes to the limits and priority of other processes.

Everybody in a sandbox is the same user, and without this a cell could set a limit of the keeper's
CPU time, at whose end the kernel kills it. Called by the mould in a session, before any cell.
"""

import ctypes
import errno
import os
import platform
import struct

_NO_NEW_PRIVILEGES = 38
_SET_SECCOMP = 22
_FILTER = 2

_LOAD = 0x20
_IF_EQUAL = 0x15
_IF_AT_LEAST = 0x35
_RETURN = 0x06
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.EPERM

_NUMBER = 0
_ARCHITECTURE = 4
_ARGUMENTS = 16
_OTHER_ABI = 0x4000_0000

_Step = tuple[int, int, int, int]

# For each call the arguments that must be 0, which means: this process itself.
_OWN = {
    "prlimit64": (0,),
    "setpriority": (0, 1),
    "sched_setparam": (0,),
    "sched_setscheduler": (0,),
    "sched_setattr": (0,),
}
_NUMBERS = {
    "x86_64": (
        0xC000003E,
        {
            "prlimit64": 302,
            "setpriority": 141,
            "sched_setparam": 142,
            "sched_setscheduler": 144,
            "sched_setattr": 314,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "prlimit64": 261,
            "setpriority": 140,
            "sched_setparam": 118,
            "sched_setscheduler": 119,
            "sched_setattr": 274,
        },
    ),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def raise_fence() -> None:
    """Puts this process and all that come of it behind the fence, for good.

    Raises:
        OSError: the kernel refused, or its kind of machine is not known here.
    """
    if platform.machine() not in _NUMBERS:
        raise OSError(errno.ENOSYS, f"no fence is known for {platform.machine()}")
    architecture, numbers = _NUMBERS[platform.machine()]
    steps = _steps(architecture, numbers)
    packed = b"".join(struct.pack("=HBBI", *step) for step in steps)
    program = _Program(len(steps), packed)
    libc = ctypes.CDLL(None, use_errno=True)
    nothing = ctypes.c_ulong(0)
    for call in (
        (_NO_NEW_PRIVILEGES, ctypes.c_ulong(1), nothing, nothing, nothing),
        (_SET_SECCOMP, ctypes.c_ulong(_FILTER), ctypes.byref(program), nothing, nothing),
    ):
        if libc.prctl(*call) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))


def _steps(architecture: int, numbers: dict[str, int]) -> list[_Step]:
    """The filter, in the kernel's small language; jumps count the steps that they leave out."""
    refuse = (_RETURN, 0, 0, _REFUSE)
    steps: list[_Step] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IF_EQUAL, 1, 0, architecture),
        refuse,
        (_LOAD, 0, 0, _NUMBER),
        (_IF_AT_LEAST, 0, 1, _OTHER_ABI),
        refuse,
    ]
    for name, number in numbers.items():
        checks: list[_Step] = []
        for place, argument in enumerate(reversed(_OWN[name])):
            to_refuse = 2 * place + 1
            checks = [
                (_LOAD, 0, 0, _ARGUMENTS + 8 * argument),
                (_IF_EQUAL, 0, to_refuse, 0),
                *checks,
            ]
        steps += [
            (_IF_EQUAL, 0, len(checks) + 2, number),
            *checks,
            (_RETURN, 0, 0, _ALLOW),
            refuse,
        ]
    return [*steps, (_RETURN, 0, 0, _ALLOW)]
