"""Lists that come from spreadsheets: their letters, and what stands between their cells.

Called by `people.roster` (a file of an admin's) and `people.name_lists` (a teacher's list). Pure.
"""


def decoded(content: bytes) -> str | None:
    """The text: UTF-8, or Windows-1251 as Russian spreadsheets write it; None: neither."""
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def delimiter_of(text: str) -> str:
    """What stands between the cells, by the first line: a tab (copied cells), `;` or `,`."""
    first = text.lstrip("\n").split("\n", 1)[0]
    return next((one for one in ("\t", ";") if one in first), ",")
