"""The small process that makes what is shown: `python -m technopark.path.child KIND`.

Started by `making`, and by nothing else. The content comes in at stdin, the result goes out at
stdout; files of pupils are read by large libraries here, so it may use little of the machine, opens
nothing of the park and knows no secret.
"""

import resource
import sys

from technopark.path.limits import NotShownError

_CPU_SECONDS = 30
_MEMORY_BYTES = 1536 << 20
REFUSED = 3
"""The exit code where `stderr` ends with why it cannot be shown."""


def main() -> None:
    """Makes one."""
    for limit, most in (
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    kind, content = sys.argv[1], sys.stdin.buffer.read()
    try:
        done = made(kind, content)
    except NotShownError as problem:
        sys.stderr.write(f"\n{problem.why}")
        sys.exit(REFUSED)
    sys.stdout.buffer.write(done)


def made(kind: str, content: bytes) -> bytes:
    """What is shown.

    Raises:
        NotShownError: it cannot be.
    """
    # Imported here, within the limits.
    if kind == "notebook":
        from technopark.path.notebooks import notebook_page

        return notebook_page(content)
    from technopark.path.pictures import picture

    return picture(content)[1]


if __name__ == "__main__":
    main()
