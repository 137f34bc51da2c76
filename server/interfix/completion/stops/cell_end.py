"""The cell of a notebook ends: the model begins the next one, as it stands in a script of cells."""

import re

from interfix.completion.hole import InfillHole

_MARK = re.compile(r"^[ \t]*(?:#|//|--|%) ?(?:%%|In ?\[)|^<(?:jupyter_[a-z]+|empty_output)>", re.MULTILINE)


def stop_at_cell_end(hole: InfillHole, text: str) -> int | None:
    """What stands before a cell in a script, or in what a model was trained on, is no code of this one."""
    if hole.document_snapshot.cell_place is None:
        return None
    mark = _MARK.search(text)
    return len(text[: mark.start()].rstrip()) if mark else None
