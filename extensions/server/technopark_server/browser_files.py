"""Writes what browsers ask a server for and is no plain file yet, so that the front can have it.

Run when the image is built: `python -m technopark_server.browser_files FOLDER`. The park takes
`FOLDER/icons` and `FOLDER/translations` out of the image.
"""

import json
import shutil
import sys
from pathlib import Path

import jupyter_server
from jupyterlab_server.translation_utils import get_language_pack

LANGUAGES = ("ru_RU",)
"""Lab's own texts are English; the answer for English is empty."""


def main(folder: Path) -> None:
    """Writes the files into `folder`."""
    favicons = Path(jupyter_server.__file__).parent / "static" / "favicons"
    shutil.copytree(favicons, folder / "icons")
    (folder / "translations").mkdir()
    for language in LANGUAGES:
        texts, message = get_language_pack(language)
        if not texts:
            sys.exit(f"There is no language pack {language}: {message}")
        answer = json.dumps({"data": texts, "message": message}, ensure_ascii=False)
        (folder / "translations" / f"{language}.json").write_text(answer, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
