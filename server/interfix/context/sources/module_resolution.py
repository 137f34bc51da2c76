"""Which files of a workspace a module's name stands for, language by language, by the languages' own rules. Reads no code.

Nothing is run and no package manager is asked: what is installed outside of the workspace is not found.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath

from interfix.context.workspace_reader import Workspace
from interfix.syntax.imports import Import
from interfix.syntax.snapshot import Snapshot
from interfix.system.file_reader import parse_toml

_SCRIPT_SUFFIXES = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".d.ts", ".d.mts", ".d.cts", ".vue", ".svelte")
_MAX_PACKAGE_FILES = 12
"""Files of a package that is a folder, as in Go."""

CandidateFinder = Callable[[Import, PurePosixPath, Workspace], Iterable[str]]


def resolve_import(each: Import, snapshot: Snapshot, path: str, workspace: Workspace) -> list[str]:
    """The files that an import in the file at `path` takes its names from, all relative to the workspace; those that are here."""
    language = snapshot.language.id if snapshot.language else ""
    candidates = _RESOLVERS.get(language, _resolve_by_path)
    paths: dict[str, None] = {}
    for candidate in candidates(each, PurePosixPath(path), workspace):
        parts = _normalize_path(candidate)
        if parts is not None and workspace.exists(parts):
            paths[parts] = None
    return list(paths)


def _resolve_python(each: Import, path: PurePosixPath, workspace: Workspace) -> Iterator[str]:
    """The import system: a module is `a/b.py` or the package `a/b/__init__.py`, and an imported name may itself be a module."""
    inner = each.module.replace(".", "/")
    if each.relative_level:
        folder = path.parent
        for _ in range(each.relative_level - 1):
            folder = folder.parent
        bases: Iterable[PurePosixPath] = (folder,)
    else:
        bases = _python_roots(path, workspace)
    for base in bases:
        module_path = base / inner if inner else base
        modules = [
            *(module_path / f"{name}.py" for name in each.names if name != "*"),
            module_path.with_suffix(".py") if inner else None,
        ]
        hits = [str(module) for module in (*modules, module_path / "__init__.py") if module and workspace.exists(str(module))]
        if hits:
            yield from hits
            return


def _resolve_script(each: Import, path: PurePosixPath, _: Workspace) -> Iterator[str]:
    """Node's and TypeScript's resolution of relative paths, and of the usual aliases of `src`."""
    module = each.module
    if module.startswith("."):
        bases = [path.parent / module]
    elif module.startswith(("@/", "~/", "#/")):
        bases = [ancestor / "src" / module[2:] for ancestor in path.parents]
    else:
        bases = [ancestor / inner / module for ancestor in path.parents for inner in ("", "src")]
    for base in bases:
        stem = re.sub(r"\.[cm]?jsx?$", "", str(base))
        yield from (
            str(base),
            *(stem + ending for ending in _SCRIPT_SUFFIXES),
            *(f"{base}/index{ending}" for ending in _SCRIPT_SUFFIXES),
        )


def _resolve_go(each: Import, path: PurePosixPath, workspace: Workspace) -> Iterator[str]:
    """A package is a folder below its module's, which `go.mod` names."""
    for ancestor in path.parents:
        name = _read_go_module_name(workspace, ancestor)
        if name and (each.module == name or each.module.startswith(name + "/")):
            folder = ancestor / each.module[len(name) :].lstrip("/")
            yield from _list_sources(workspace, folder, ".go", "_test.go")
            return


def _read_go_module_name(workspace: Workspace, folder: PurePosixPath) -> str:
    match = re.search(r"^module\s+(\S+)", workspace.read_manifest(str(folder / "go.mod")), re.MULTILINE)
    return match[1] if match else ""


def _resolve_rust(each: Import, path: PurePosixPath, workspace: Workspace) -> Iterator[str]:
    """Modules are `a.rs` or `a/mod.rs` below the crate's `src`; a path may end in names of items."""
    parts = [part for part in re.split(r"::", each.module) if part]
    source = next((p for p in path.parents if p.name == "src" and workspace.exists(str(p.parent / "Cargo.toml"))), path.parent)
    own = path.parent if path.name in ("mod.rs", "lib.rs", "main.rs") else path.parent / path.stem
    if each.relative_level:
        base = own
    elif parts[:1] == ["crate"]:
        base, parts = source, parts[1:]
    elif parts[:1] in (["self"], ["super"]):
        base = own
        while parts and parts[0] in ("self", "super"):
            base = base.parent if parts[0] == "super" else base
            parts = parts[1:]
    else:
        crate = _find_crates(workspace).get(parts[0].replace("_", "-")) if parts else None
        if crate is None:
            return
        base, parts = crate / "src", parts[1:]
    names = [name for name in each.names if name not in ("*", "self")]
    for depth in range(len(parts), -1, -1):
        module_path = base.joinpath(*parts[:depth])
        if depth == len(parts):
            for name in names:
                yield from (str(module_path / f"{name}.rs"), str(module_path / name / "mod.rs"))
        yield from (f"{module_path}.rs", str(module_path / "mod.rs"), str(module_path / "lib.rs"))
        if any(workspace.exists(candidate) for candidate in (f"{module_path}.rs", str(module_path / "mod.rs"))):
            return


def _find_crates(workspace: Workspace) -> dict[str, PurePosixPath]:
    """The folders of a workspace's crates by their names with hyphens."""
    crates: dict[str, PurePosixPath] = {}
    for folder in _list_subfolders(workspace, PurePosixPath(), PurePosixPath("crates")):
        try:
            name = parse_toml(workspace.read_manifest(str(folder / "Cargo.toml"))).get("package", {}).get("name", "")
        except (ValueError, AttributeError):
            continue
        if isinstance(name, str) and name:
            crates[name.replace("_", "-")] = folder
    return crates


def _resolve_java(each: Import, path: PurePosixPath, workspace: Workspace) -> Iterator[str]:
    """A class is a file named like it in the folder of its package, below some source root."""
    ending = path.suffix
    folder = each.module.replace(".", "/")
    for base in path.parents:
        for name in each.names:
            if name != "*":
                yield str(base / folder / (name + ending))
        yield str(base / (folder + ending))
        if "*" in each.names:
            yield from _list_sources(workspace, base / folder, ending)


def _resolve_include(each: Import, path: PurePosixPath, workspace: Workspace) -> Iterator[str]:
    """The including file's folder, then the usual roots of headers, upwards."""
    for base in path.parents if each.relative_level else (*path.parents, path.parent):
        for inner in ("", "include", "src"):
            if workspace.exists(str(base / inner / each.module)):
                yield str(base / inner / each.module)
                return


def _resolve_by_path(each: Import, path: PurePosixPath, _: Workspace) -> Iterator[str]:
    """Every other language: a path as written, or one made of the parts of a name, from this folder or one above it."""
    inner = re.sub(r"::|[.\\](?=\w)", "/", each.module) if "/" not in each.module else each.module
    ending = path.suffix
    for base in path.parents:
        for folder in ("", "lib", "src"):
            for name in (inner, *(f"{inner}/{name}" for name in each.names)):
                yield str(base / folder / name)
                yield str(base / folder / name) + ending


_RESOLVERS: dict[str, CandidateFinder] = {
    "python": _resolve_python,
    "javascript": _resolve_script,
    "typescript": _resolve_script,
    "tsx": _resolve_script,
    "go": _resolve_go,
    "rust": _resolve_rust,
    "java": _resolve_java,
    "kotlin": _resolve_java,
    "scala": _resolve_java,
    "c": _resolve_include,
    "cpp": _resolve_include,
}


def _python_roots(path: PurePosixPath, workspace: Workspace) -> Iterator[PurePosixPath]:
    """Where a Python module may be looked for: every folder above the file, and the usual roots of source code."""
    yield from path.parents
    top = PurePosixPath()
    yield from (top / name for name in ("src", "lib", "python"))
    yield from _list_subfolders(workspace, top / "src", top / "packages", top / "libs")


def _list_subfolders(workspace: Workspace, *above: PurePosixPath) -> Iterator[PurePosixPath]:
    for folder in above:
        for inner in workspace.list_folders(folder):
            yield PurePosixPath(inner)
            yield PurePosixPath(inner) / "src"


def _list_sources(workspace: Workspace, folder: PurePosixPath, ending: str, *but: str) -> list[str]:
    files = [file for file in workspace.list_files(folder) if file.endswith(ending) and not file.endswith(but or ("\0",))]
    return files[:_MAX_PACKAGE_FILES]


def _normalize_path(path: str) -> str | None:
    """A relative path without dots; None where it leaves the workspace."""
    parts: list[str] = []
    for part in PurePosixPath(path).parts:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
