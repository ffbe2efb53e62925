"""Where Python has no immortal objects, or has them: nothing is lost by asking for them.

What it saves is measured in the images, whose Python has them (`test_forked_memory.py`).
"""

import subprocess
import sys

from support.immortal import look


def here(*arguments: str) -> str:
    words = [sys.executable, *arguments]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def test_a_process_goes_on_as_ever() -> None:
    looked = look(here, "immortal")
    assert looked.word == "word 0"
    assert (looked.made > 0) == (sys.version_info >= (3, 12))
