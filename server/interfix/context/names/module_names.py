"""The names that a module of the workspace has: in Python what it defines, imports and assigns, in scripts what it exports."""

import re
from pathlib import PurePosixPath

from interfix.context.names.type_resolution import TypeResolver
from interfix.context.workspace_reader import Workspace
from interfix.syntax.snapshot import Snapshot

_BINDING = re.compile(
    r"^[ \t]*(?:(?:async\s+)?def|class|type)\s+(\w+)|^[ \t]*(\w+)\s*(?::[^=\n]+)?=(?!=)|^(\w+)\s*:|\b(?:as|for|global)\s+(\w+)",
    re.MULTILINE,
)
_SEVERAL = re.compile(r"^([\w, ()]+)=(?!=)", re.MULTILINE)
_IMPORT = re.compile(r"^[ \t]*(?:from\s+\S+\s+)?import\s+(?:\(([^)]*)\)|([^\n(]+))", re.MULTILINE)
_UNKNOWN = re.compile(r"^\s*from\s+\S+\s+import\s+\*|def\s+__getattr__|\bglobals\(\)", re.MULTILINE)
_EXPORTED = re.compile(
    r"^[ \t]*export\s+(?:declare\s+)?(?:default\s+)?(?:abstract\s+)?(?:async\s+)?"
    r"(?:const\s+enum|class|function\s*\*?|const|let|var|interface|type|enum|namespace)\s+([\w$]+)",
    re.MULTILINE,
)
_EXPORT_LIST = re.compile(r"\bexport\s+(?:type\s+)?\{([^}]*)\}")
_EXPORT_ALL_AS = re.compile(r"\bexport\s*\*\s*as\s+([\w$]+)")
_EXPORT_ALL = re.compile(r"\bexport\s+(?:type\s+)?\*\s*from\s*(['\"])([^'\"\n]+)\1")
_NAMESPACE = re.compile(
    r"^[ \t]*import\s+(?:type\s+)?(?:[\w$]+\s*,\s*)?\*\s*as\s+([\w$]+)\s+from\s*(['\"])([^'\"\n]+)\2", re.MULTILINE
)
MAX_MODULES = 24
"""So many modules are read of which one hands on all names."""
_UNKNOWN_EXPORTS = re.compile(
    r"\bexport\s+(?:const|let|var)\s*[\[{]|\bexport\s+(?:const|let|var)\s[^\n]*,\s*\w+\s*=[^>=]|\bexport\s*="
    r"|\bmodule\.exports\b|\bexports\.\w+\s*=|\bdeclare\s+module\b"
)


def list_module_names(path: str, snapshot: Snapshot, workspace: Workspace) -> frozenset[str] | None:
    """The names of a Python module, its submodules among them; None where it may have others."""
    text = snapshot.data.decode("utf-8", "replace")
    if _UNKNOWN.search(text):
        return None
    names = {name for match in _BINDING.finditer(text) for name in match.groups() if name}
    for match in _SEVERAL.finditer(text):
        names |= set(re.findall(r"\w+", match[1]))
    for match in _IMPORT.finditer(text):
        names |= set(re.findall(r"\w+", match[1] or match[2]))
    if path.endswith("__init__.py"):
        folder = PurePosixPath(path).parent
        names |= {PurePosixPath(file).stem for file in workspace.list_files(folder)}
        names |= {PurePosixPath(each).name for each in workspace.list_folders(folder)}
    return frozenset(names | {"__name__", "__file__", "__doc__", "__all__", "__path__", "__version__", "__dict__"})


def find_module_names(module: str, resolver: TypeResolver, path: str, workspace: Workspace) -> frozenset[str] | None:
    """The same of a module by how a file imports it; None where it is none of the workspace."""
    file = resolver.resolve_module(module, path)
    snapshot = resolver.read(file) if file else None
    if snapshot is None:
        return None
    if resolver.language == "python":
        return list_module_names(file, snapshot, workspace)
    return _list_handed_on(file, resolver, {})


def find_namespaces(snapshot: Snapshot, resolver: TypeResolver, path: str, workspace: Workspace) -> dict[str, frozenset[str]]:
    """What a script imports as a whole, by the name it gives it, with the names that it has; those that are known."""
    text = snapshot.data.decode("utf-8", "replace")
    namespaces = ((match[1], find_module_names(match[3], resolver, path, workspace)) for match in _NAMESPACE.finditer(text))
    return {name: names for name, names in namespaces if names is not None}


def _list_handed_on(path: str, resolver: TypeResolver, seen: dict[str, None]) -> frozenset[str] | None:
    """What a script's module exports, with what it hands on of others; None where it may export more."""
    seen[path] = None
    snapshot = resolver.read(path)
    own = list_exports(snapshot) if snapshot is not None and len(seen) <= MAX_MODULES else None
    if own is None or snapshot is None:
        return None
    names = set(own)
    for match in _EXPORT_ALL.finditer(snapshot.data.decode("utf-8", "replace")):
        target = resolver.resolve_module(match[2], path)
        if target in seen:
            continue
        further = _list_handed_on(target, resolver, seen) if target else None
        if further is None:
            return None
        names |= further
    return frozenset(names)


def list_exports(snapshot: Snapshot) -> frozenset[str] | None:
    """What a module of JavaScript or TypeScript exports itself; None where it may export more."""
    text = snapshot.data.decode("utf-8", "replace")
    if _UNKNOWN_EXPORTS.search(text):
        return None
    names = {*_EXPORTED.findall(text), *_EXPORT_ALL_AS.findall(text)}
    for match in _EXPORT_LIST.finditer(text):
        # `a as b` is exported as the latter.
        names |= {words[-1] for each in match[1].split(",") if (words := re.findall(r"[\w$]+", each))}
    return frozenset((*names, "default", "type")) if names or _EXPORT_ALL.search(text) else None
