"""A receipt on a pupil's own disk: one file a receipt, written whole or not at all.

Called by `submit`. It lies in a folder of its own beside the notebooks, which is never sent.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from technopark_exchange.exchange import RECEIPT_FOLDERS, local_time
from technopark_exchange.words import language


def write_receipt(folder: Path, receipt: Mapping[str, Any], sentence: str) -> Path:
    """Writes a receipt, with a sentence above it that says what it is; returns its path.

    The same receipt goes to the same file.

    Raises:
        OSError: it cannot be written.
    """
    time = local_time(receipt).strftime("%Y-%m-%d %H-%M-%S")
    path = folder / RECEIPT_FOLDERS[language()] / f"{time} {receipt['id']}.json"
    path.parent.mkdir(exist_ok=True)
    text = json.dumps({"": sentence, **receipt}, ensure_ascii=False, indent=2) + "\n"
    write_atomically(path, text)
    return path


def write_atomically(path: Path, text: str) -> None:
    """Replaces the file `path` by `text`: whoever reads it sees the old one or the new one.

    Raises:
        OSError: it cannot be written; the old one is still there.
    """
    with NamedTemporaryFile(
        "w", dir=path.parent, prefix=f".{path.name}.", encoding="utf-8", delete=False
    ) as file:
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).chmod(0o644)
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
