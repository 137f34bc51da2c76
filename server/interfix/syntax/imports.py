"""Which lines of a file bring names into it, and what they name. Without a tree there are none."""

import re
from bisect import bisect_right
from operator import itemgetter

import msgspec

from interfix.syntax.grammar import Captures
from interfix.syntax.query_matches import find_matches
from interfix.syntax.snapshot import Snapshot

_WILDCARD_NAMES = {"_": "*"}
"""Names that another language writes otherwise: Scala's for all."""
_PATH = re.compile(r"(.+?)(?:::|[.\\])(\w+)")


class Import(msgspec.Struct, frozen=True):
    """What one statement takes from one module."""

    module: str
    """The module as written, without quotes and without Python's leading dots: `os.path`, `./base`, `a::b`, `stdio.h`, `fmt`.

    Java, Kotlin, Scala and PHP write a class as the last part of a path: it is a name, what stands before it the module.
    """
    names: tuple[str, ...]
    """The names taken from it, as the module calls them; `*` for all; none where the module itself is what is imported."""
    relative_level: int
    """Python's leading dots; 1 for a path from this file that does not say so itself (a quoted include, `mod a;`); else 0."""
    start: int
    """Byte offset at which the statement begins."""
    end: int
    """Byte offset at which it ends."""


def find_import_ranges(snapshot: Snapshot, end: int) -> tuple[tuple[int, int], ...]:
    """The byte ranges of the top-level imports, packages and includes that begin before the byte `end`, in the text's order."""
    if end <= 0:
        return ()
    nodes = (node for captures in find_matches(snapshot, "imports", 0, end, max_depth=0) for node in captures.get("import", ()))
    return tuple(sorted({(node.start_byte, node.end_byte) for node in nodes if node.start_byte < end}))


def parse_imports(snapshot: Snapshot) -> tuple[Import, ...]:
    """What each import names, wherever in the file it stands, in the text's order: one for each module of a statement."""
    captured = find_matches(snapshot, "modules", 0, len(snapshot.data))
    statements = sorted({(node.start_byte, node.end_byte) for each in captured for node in each.get("statement", ())})
    groups = sorted(_parse_group(snapshot, each) for each in captured if "within" in each)
    modules = {_find_module_start(each) for each in captured if "module" in each}
    imports: dict[tuple[int, int, str, int], dict[str, None]] = {}
    for module_start, each in sorted(
        ((_find_module_start(each), each) for each in captured if "within" not in each), key=itemgetter(0)
    ):
        if "path" in each and module_start in modules:
            continue  # the path of a wildcard or a list is a module, and matches as such, too
        at = bisect_right(statements, (module_start, len(snapshot.data))) - 1
        if module_start < 0 or at < 0:
            continue
        path = "".join(prefix for start, end, prefix in groups if start <= module_start < end) + _get_capture_text(
            snapshot, each, "path"
        )
        parts = _PATH.fullmatch(path)
        module, name = (
            (parts[1], parts[2])
            if parts
            else (path + _get_capture_text(snapshot, each, "module"), _get_capture_text(snapshot, each, "name"))
        )
        relative = _get_capture_text(snapshot, each, "relative")
        level = 0 if not relative else 1 if relative.strip(".") else len(relative)
        imports.setdefault((*statements[at], module.strip("<>"), level), {})[_WILDCARD_NAMES.get(name, name.removeprefix(":"))] = (
            None
        )
    return tuple(
        Import(module, tuple(filter(None, names)), level, start, end) for (start, end, module, level), names in imports.items()
    )


def _find_module_start(captures: Captures) -> int:
    """Where the module that a match names begins; -1 where it names none."""
    return next((captures[name][0].start_byte for name in ("path", "module", "relative") if captures.get(name)), -1)


def _get_capture_text(snapshot: Snapshot, captures: Captures, name: str) -> str:
    """The text from the first to the last node of a capture; empty where there is none."""
    nodes = captures.get(name)
    if not nodes:
        return ""
    return snapshot.data[nodes[0].start_byte : nodes[-1].end_byte].decode("utf-8", "replace")


def _parse_group(snapshot: Snapshot, captures: Captures) -> tuple[int, int, str]:
    """The bytes of a group of paths, and what goes before each: the group's module and what joins it to its members."""
    group, module = captures["within"][0], captures["module"][-1]
    joint = module.next_sibling.text if module.next_sibling else None
    return module.end_byte, group.end_byte, _get_capture_text(snapshot, captures, "module") + (joint or b"").decode()
