"""A picture made anew from its dots: nothing but the dots is left of the file that came.

Called in the small process of `making`, for pictures and for those inside notebooks. Where and when
a photo was taken, with what, by whom, thumbnails, comments: all of it stays behind. Importing this
imports Pillow, so the portal itself never does.
"""

import io
import warnings

from PIL import Image, ImageOps

from technopark.path.limits import LONGEST_SIDE, MOST_PIXELS, NotShownError

_READ = ("JPEG", "PNG", "WEBP", "GIF")
"""Formats of cameras, phones and drawing programs; of one that moves the first picture is shown."""


def picture(content: bytes, *, sharp: bool = False) -> tuple[str, bytes]:
    """The picture and its media type; at most `LONGEST_SIDE` dots wide and high.

    Args:
        content: the file that came.
        sharp: whether it has lines and letters (a plot): PNG comes out, else JPEG.

    Raises:
        NotShownError: it is no picture that we read, or has too many dots.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about its metadata, which nobody will see
            return _anew(content, sharp=sharp)
    except Image.DecompressionBombError:
        raise NotShownError("many-dots") from None
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, OverflowError):
        raise NotShownError("no-picture") from None


def _anew(content: bytes, *, sharp: bool) -> tuple[str, bytes]:
    with Image.open(io.BytesIO(content), formats=_READ) as opened:
        # The size stands at the file's beginning: nothing is unpacked before it was looked at.
        if opened.width * opened.height > MOST_PIXELS:
            raise NotShownError("many-dots")
        opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        opened.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(opened).convert("RGBA")
    # On a sheet of its own: saving would take comments along from a picture that was read.
    sheet = Image.new("RGB", upright.size, "white")
    sheet.paste(upright, mask=upright.getchannel("A"))
    made = io.BytesIO()
    if sharp:
        sheet.save(made, "PNG", optimize=True)
        return "image/png", made.getvalue()
    sheet.save(made, "JPEG", quality=85, optimize=True)
    return "image/jpeg", made.getvalue()
