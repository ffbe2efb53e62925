"""What a filter of system calls decides, without loading it: the kernel's small language, read.

A program is instructions of 8 bytes (linux/filter.h); it looks at `struct seccomp_data`.
"""

import itertools
import struct

_ARCHITECTURES = (0xC000003E, 0x40000003, 0xC00000B7)
"""x86-64, i386, ARM."""
_CALLS = 480
_OTHER_ABI = 0x4000_0000
_SOME_ARGUMENTS = (
    (0,) * 6,
    (0x1002_0000, *(0,) * 5),
    (0x7E02_0000, 16, *(0,) * 4),
    (41, 3, *(0,) * 4),
)


def decisions(program: bytes) -> dict[tuple[int, int, int], int]:
    """What `program` answers, by architecture, system call and number of a set of arguments."""
    steps = list(struct.iter_unpack("=HBBI", program))
    calls = [*range(_CALLS), *range(_OTHER_ABI, _OTHER_ABI + _CALLS)]
    asked = itertools.product(_ARCHITECTURES, calls, enumerate(_SOME_ARGUMENTS))
    return {
        (architecture, call, number): _decide(
            steps, struct.pack("=iIQ6Q", call, architecture, 0, *arguments)
        )
        for architecture, call, (number, arguments) in asked
    }


def _decide(steps: list[tuple[int, ...]], data: bytes) -> int:
    accumulator = place = 0
    while True:
        code, if_true, if_false, value = steps[place]
        place += 1
        match code:
            case 0x20:
                (accumulator,) = struct.unpack_from("=I", data, value)
            case 0x54:
                accumulator &= value
            case 0x05:
                place += value
            case 0x06:
                return value
            case 0x15 | 0x25 | 0x35 | 0x45:
                is_true = {
                    0x15: accumulator == value,
                    0x25: accumulator > value,
                    0x35: accumulator >= value,
                    0x45: bool(accumulator & value),
                }[code]
                place += if_true if is_true else if_false
            case _:
                raise AssertionError(f"instruction {code:#x} is not known here")
