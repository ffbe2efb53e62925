"""What the parent asks of the Linux kernel beyond Python's own words.

Called by the other modules here. Nothing in it opens a file or imports anything at a call: much of
it runs inside a pupil's container before the last privilege is gone.
"""

import ctypes
import errno
import os
import struct

CLONE_NEWNS = 0x0002_0000
CLONE_NEWCGROUP = 0x0200_0000
CLONE_NEWUTS = 0x0400_0000
CLONE_NEWIPC = 0x0800_0000
CLONE_NEWUSER = 0x1000_0000
CLONE_NEWPID = 0x2000_0000
CLONE_NEWNET = 0x4000_0000

_SET_DUMPABLE = 4
_SET_NAME = 15
_SET_SECCOMP = 22
_BOUNDING_READ = 23
_BOUNDING_DROP = 24
_NO_NEW_PRIVILEGES = 38
_AMBIENT = 47
_AMBIENT_CLEAR_ALL = 4
_FILTER_MODE = 2

_CAPABILITY_VERSION_3 = 0x2008_0522
_CAPSET = {"x86_64": 126, "aarch64": 91}
_KEYCTL = {"x86_64": 250, "aarch64": 219}
_JOIN_SESSION_KEYRING = 1
_PIDFD_GETFD = 438
_CLOSE_RANGE = 436
_LAST_DESCRIPTOR = 0xFFFF_FFFF

_TRACE_SEIZE = 0x4206
_TRACE_INTERRUPT = 0x4207
_TRACE_DETACH = 17
_TRACE_FILTER = 0x420C
_INSTRUCTION = 8
"""Bytes of one instruction of a filter."""
_MOST_INSTRUCTIONS = 4096
"""The kernel's own limit (BPF_MAXINSNS)."""
_WAIT_FOR_CLONES = 0x4000_0000

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.restype = ctypes.c_long
_libc.syscall.restype = ctypes.c_long
_machine = os.uname().machine


def enter(pidfd: int, kinds: int) -> None:
    """Joins the namespaces of a process, all `kinds` (CLONE_NEW...) at once or none.

    Raises:
        OSError: the kernel refused.
    """
    _check(_libc.setns(pidfd, kinds), "joining namespaces")


def copy_descriptor(pidfd: int, number: int) -> int:
    """A descriptor for what another process has open as `number`: the same, with no more rights.

    Raises:
        OSError: it has nothing open there, or the kernel refused.
    """
    copied = _libc.syscall(
        ctypes.c_long(_PIDFD_GETFD), ctypes.c_long(pidfd), ctypes.c_long(number), ctypes.c_long(0)
    )
    _check(min(copied, 0), f"copying descriptor {number}")
    return int(copied)


def close_all_but(*kept: int) -> None:
    """Closes every descriptor beyond the three standard ones, except `kept`.

    Raises:
        OSError: the kernel refused.
    """
    first = 3
    for number in sorted(kept):
        if first < number:
            _syscall(_CLOSE_RANGE, first, number - 1, 0)
        first = number + 1
    _syscall(_CLOSE_RANGE, first, _LAST_DESCRIPTOR, 0)


def leave_session_keyring() -> None:
    """Takes a new and empty keyring in place of the session's.

    Raises:
        OSError: the kernel refused; one without keyrings is no reason.
    """
    try:
        _syscall(_KEYCTL[_machine], _JOIN_SESSION_KEYRING, 0, 0)
    except OSError as error:
        if error.errno != errno.ENOSYS:
            raise


def drop_bounding_set() -> None:
    """Makes sure that no program started later can have a capability.

    Raises:
        OSError: the kernel refused.
    """
    capability = 0
    while (held := _libc.prctl(_BOUNDING_READ, ctypes.c_ulong(capability), 0, 0, 0)) >= 0:
        if held:
            _prctl(_BOUNDING_DROP, capability)
        capability += 1
    _prctl(_AMBIENT, _AMBIENT_CLEAR_ALL)


def drop_capabilities() -> None:
    """Empties this process's own sets: effective, permitted, inheritable.

    Raises:
        OSError: the kernel refused.
    """
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION_3, 0), 8)
    nothing = ctypes.create_string_buffer(24)
    _check(
        _libc.syscall(ctypes.c_long(_CAPSET[_machine]), header, nothing), "dropping capabilities"
    )


def refuse_new_privileges() -> None:
    """No program started from here on gains anything by being setuid.

    Raises:
        OSError: the kernel refused.
    """
    _prctl(_NO_NEW_PRIVILEGES, 1)


def belong_to_user() -> None:
    """Gives this process's files in /proc to its user, as those of a started program are.

    Raises:
        OSError: the kernel refused.
    """
    _prctl(_SET_DUMPABLE, 1)


def rename(name: str) -> None:
    """Names this process, in 15 bytes at most, where processes are listed.

    Raises:
        OSError: the kernel refused.
    """
    _check(_libc.prctl(_SET_NAME, ctypes.c_char_p(name.encode()[:15]), 0, 0, 0), "naming")


def load_filter(instructions: bytes) -> None:
    """Puts a filter of system calls on this process, for good.

    Raises:
        OSError: the kernel refused.
    """
    content = ctypes.create_string_buffer(instructions, len(instructions))
    program = _Program(len(instructions) // _INSTRUCTION, ctypes.addressof(content))
    _check(
        _libc.prctl(
            _SET_SECCOMP,
            ctypes.c_ulong(_FILTER_MODE),
            ctypes.byref(program),
            ctypes.c_ulong(0),
            ctypes.c_ulong(0),
        ),
        "loading a filter",
    )


def filters_of(pid: int) -> list[bytes]:
    """The filters of system calls that a process has, the first loaded first.

    The process is stopped for the moment. Whoever asks must have no filter itself.

    Raises:
        OSError: the kernel refused, or cannot tell (it needs CONFIG_CHECKPOINT_RESTORE).
    """
    _trace(_TRACE_SEIZE, pid, 0, 0)
    try:
        _trace(_TRACE_INTERRUPT, pid, 0, 0)
        os.waitpid(pid, _WAIT_FOR_CLONES)
        found: list[bytes] = []
        buffer = ctypes.create_string_buffer(_MOST_INSTRUCTIONS * _INSTRUCTION)
        while True:
            try:
                length = _trace(_TRACE_FILTER, pid, len(found), ctypes.addressof(buffer))
            except FileNotFoundError:  # no further one
                return found[::-1]
            found.append(buffer.raw[: length * _INSTRUCTION])
    finally:
        _trace(_TRACE_DETACH, pid, 0, 0)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def _trace(request: int, pid: int, address: int, data: int) -> int:
    done = _libc.ptrace(
        ctypes.c_long(request), ctypes.c_long(pid), ctypes.c_void_p(address), ctypes.c_void_p(data)
    )
    _check(min(done, 0), f"tracing, request {request:#x}")
    return int(done)


def _prctl(what: int, value: int) -> None:
    _check(
        _libc.prctl(
            what, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)
        ),
        f"prctl {what}",
    )


def _syscall(number: int, *arguments: int) -> None:
    done = _libc.syscall(ctypes.c_long(number), *(ctypes.c_ulong(each) for each in arguments))
    _check(min(done, 0), f"system call {number}")


def _check(answer: int, asked: str) -> None:
    if answer != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{asked}: {os.strerror(number)}")
