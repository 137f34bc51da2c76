"""How one file of a workspace can use what another one defines: by the plain name, or through the name of a module or type."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import msgspec

from interfix.context.sources.module_resolution import resolve_import
from interfix.context.workspace_reader import Workspace
from interfix.syntax.imports import Import, parse_imports
from interfix.syntax.snapshot import Snapshot

_C_FAMILY = frozenset(["c", "cpp"])
_SCRIPTS = frozenset(["javascript", "typescript", "tsx"])
_PACKAGES_BY_FOLDER = frozenset(["go", "java", "kotlin", "scala"])
"""Languages in which an import may name a folder, and a folder's files see each other's names."""
PACKAGE_STEMS = frozenset(["__init__", "index", "mod"])
"""Names of files that stand for their folder."""
_PATH_STARTS = frozenset(["", "crate", "super", "self", "@", "~", "#"])
"""What stands for a folder where a path begins."""
_PACKAGE_CLAUSE = re.compile(rb"^\s*package\s+([\w.]+)", re.MULTILINE)


class NameVisibility(msgspec.Struct, frozen=True):
    """How a file can use the names that another one defines outside of functions."""

    is_plain: bool
    """By the name alone: the file includes the other, imports all of it, or is of the same package."""
    qualifiers: frozenset[str]
    """What may stand before the name and a `.` or `::`, as the file writes it: `means`, `pkg.means`, `crate::means`."""
    imports: frozenset[int] = frozenset()
    """The byte offsets at which the imports begin that take names out of the other file."""


def find_visibility(
    snapshot: Snapshot, path: str, origin: Snapshot, origin_path: str, workspace: Workspace
) -> NameVisibility | None:
    """How the file at `path` can use what the file at `origin_path` defines, both relative to the workspace; None: not at all.

    Which names an import lists is not told: they stand in the import itself. One whose file is not found where its language looks
    for it is the other file's if all of its path is the end of that one's.
    """
    language, other = (each.language.id if each.language else "" for each in (snapshot, origin))
    if not language or not any(language == other or {language, other} <= family for family in (_C_FAMILY, _SCRIPTS)):
        return None
    origin_file = PurePosixPath(origin_path)
    folder = origin_file.parent
    is_plain = language in _PACKAGES_BY_FOLDER and folder == PurePosixPath(path).parent and _is_same_package(snapshot, origin)
    if language in _C_FAMILY:
        # A header declares what the file that includes it defines.
        includes = [each for each in parse_imports(origin) if _may_lead_to(each, PurePosixPath(path))]
        is_plain = any(path in resolve_import(each, origin, origin_path, workspace) for each in includes)
    qualifiers = set(_list_crate_paths(origin_path)) if language == "rust" else set()
    leading: set[int] = set()
    for each in parse_imports(snapshot):
        targets = resolve_import(each, snapshot, path, workspace) if _may_lead_to(each, origin_file) else []
        is_folder = language in _PACKAGES_BY_FOLDER and any(PurePosixPath(target).parent == folder for target in targets)
        if origin_path in targets or is_folder:
            is_plain = is_plain or language in _C_FAMILY or ("*" in each.names and language not in _SCRIPTS)
            qualifiers.update(_list_qualifiers(snapshot, each))
            leading.add(each.start)
        elif not targets and _is_path_end(each, origin_file):
            leading.add(each.start)
    if not (is_plain or qualifiers or leading):
        return None
    return NameVisibility(is_plain, frozenset(qualifiers), frozenset(leading))


def _may_lead_to(each: Import, path: PurePosixPath) -> bool:
    """Whether an import names a file or its folder: to look for the files of all imports would take long."""
    words = {*re.split(r"\W+", each.module), *each.names}
    named = {*re.split(r"\W+", path.name), path.stem, path.parent.name}
    return not path.parent.name or (not each.module and "*" in each.names) or bool(words & named)


def _is_path_end(each: Import, path: PurePosixPath) -> bool:
    """Whether an import that leads to no file names the end of a path, or of its folder's where the file stands for that."""
    parts = tuple(part for part in re.split(r"::|[./\\]", each.module) if part not in _PATH_STARTS)
    whole = path.parent.parts if path.stem in PACKAGE_STEMS else path.with_suffix("").parts
    return not each.relative_level and not each.module.startswith(".") and bool(parts) and parts == whole[-len(parts) :]


def _is_same_package(snapshot: Snapshot, origin: Snapshot) -> bool:
    clauses = [_PACKAGE_CLAUSE.search(each.data) for each in (snapshot, origin)]
    return len({clause[1] if clause else b"" for clause in clauses}) == 1


def _list_qualifiers(snapshot: Snapshot, each: Import) -> Iterator[str]:
    """How a file calls the module of an import, and what it takes out of it."""
    statement = snapshot.data[each.start : each.end].decode("utf-8", "replace")
    before = re.search(rf"""(\w+)\s+["'`]{re.escape(each.module)}["'`]""", statement)
    if before and before[1] not in ("import", "from", "require"):
        yield before[1]  # Go's other name for a package
        return
    if namespace := re.search(r"\*\s+as\s+(\w+)", statement):
        yield namespace[1]
        return
    last = re.split(r"::|[./\\]", each.module)[-1]
    for name in dict.fromkeys((*each.names, last, *re.findall(r"\A\w[\w.:]*\Z", each.module))):
        alias = re.search(rf"(?:{re.escape(name)})[\"']?\s+as\s+(\w+)", statement)
        yield alias[1] if alias else name


def _list_crate_paths(path: str) -> Iterator[str]:
    """How Rust files of the same crate may write a module's path."""
    parts = PurePosixPath(path).with_suffix("").parts
    if "src" in parts:
        inner = parts[parts.index("src") + 1 :]
        inner = inner[:-1] if inner[-1:] in (("mod",), ("lib",), ("main",)) else inner
        yield "::".join(("crate", *inner))
