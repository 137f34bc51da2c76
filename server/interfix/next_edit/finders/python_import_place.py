"""Where an `import` of the standard library of Python goes among the others: in its group, in the order of its formatters."""

import re
import sys
from collections.abc import Sequence

from interfix.next_edit.next_edit_types import Replacement
from interfix.syntax.document import Snapshot

_MODULE = re.compile(r"(?P<how>import|from)\s+(?P<module>\.*[\w.]*)")


def place_import(snapshot: Snapshot, ranges: Sequence[tuple[int, int]], module: str) -> Replacement | None:
    """The import of a module, first among those of the standard library in alphabetical order, then before what is imported `from`
    it, then above all others; None where nothing tells. `ranges` are the bytes of the imports.
    """
    newline, statement = snapshot.newline, f"import {module}"
    imports = [
        (span, match) for span in ranges if (match := _MODULE.match(_get_text(snapshot, span))) and _is_at_margin(snapshot, span)
    ]
    imports = imports[: _count_together(snapshot, imports)]
    standard = [(span, match) for span, match in imports if _is_standard(match["module"])]
    module_imports = [(span, match["module"]) for span, match in standard if match["how"] == "import"]
    for span, name in module_imports:
        if name > module:
            return _insert_before(snapshot, span, statement + newline)
    if module_imports:
        return _insert_behind(snapshot, module_imports[-1][0], statement + newline)
    if standard:
        return _insert_before(snapshot, standard[0][0], statement + newline)
    if not imports:
        return None
    futures = [span for span, match in imports if match["module"] == "__future__"]
    if futures:
        return _insert_behind(snapshot, futures[-1], newline + statement + newline)
    return _insert_before(snapshot, imports[0][0], statement + newline + newline)


def _is_standard(module: str) -> bool:
    return module.split(".")[0] in sys.stdlib_module_names and module != "__future__"


def _count_together(snapshot: Snapshot, imports: Sequence[tuple[tuple[int, int], "re.Match[str]"]]) -> int:
    """How many imports stand at the head of the file, with nothing but comments between them."""
    for number in range(1, len(imports)):
        between = snapshot.data[imports[number - 1][0][1] : imports[number][0][0]].decode("utf-8", "replace")
        if any(line.strip() and not line.lstrip().startswith("#") for line in between.split("\n")):
            return number
    return len(imports)


def _is_at_margin(snapshot: Snapshot, span: tuple[int, int]) -> bool:
    return snapshot.lines.find_start(snapshot.lines.find_line(span[0])) == span[0]


def _get_text(snapshot: Snapshot, span: tuple[int, int]) -> str:
    return snapshot.data[slice(*span)].decode("utf-8", "replace")


def _insert_before(snapshot: Snapshot, span: tuple[int, int], text: str) -> Replacement:
    start = snapshot.lines.find_start(snapshot.lines.find_line(span[0]))
    return Replacement(start, start, text.encode())


def _insert_behind(snapshot: Snapshot, span: tuple[int, int], text: str) -> Replacement:
    at = snapshot.lines.find_next_start(snapshot.data, snapshot.lines.find_line(span[1] - 1))
    return Replacement(at, at, text.encode())
