"""What Go's packages declare, folder by folder: types with their fields and methods, functions, variables.

Each top-level declaration begins its line, as `gofmt` has it, so what is broken at a cursor hides none of the others. A type is
kept as `folder:Name`, with `[]` before it for each slice, array or map around it; `!module:Name` is one of another module.
Pointers are left out: Go's links follow them.
"""

import posixpath
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import msgspec

from interfix.context.workspace_reader import Workspace

_NO_CODE = re.compile(r"//[^\n]*|/\*.*?\*/|`[^`]*`|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", re.DOTALL)
_DECLARATION = re.compile(r"^(func|type|var|const)\b[ \t]*", re.MULTILINE)
_IMPORT = re.compile(r"^(?:import)?[ \t]*(?:([\w.]+)[ \t]+)?\"([^\"\n]+)\"", re.MULTILINE)
_PACKAGE = re.compile(r"^package\s+(\w+)", re.MULTILINE)
_MODULE = re.compile(r"^module\s+(\S+)", re.MULTILINE)
_FUNCTION = re.compile(r"(?:\((?:\w+\s+)?\*?(\w+)(?:\[[^\]]*\])?\)\s*)?(\w+)\s*(\[[^\]\n]*\])?(?=\()")
_TYPE = re.compile(r"(\w+)\s*(\[\w+(?:,\s*\w+)*\s[^\]]*\])?\s*(=?)\s*(?=\S)")
_FIELD = re.compile(r"(\w+(?:\s*,\s*\w+)*)\s+(\S.*)", re.DOTALL)
_EMBEDDED = re.compile(r"\*?(?:\w+\.)?\w+(?:\[.*\])?\Z", re.DOTALL)
_METHOD = re.compile(r"(\w+)(?=\()")
_LIST_TYPE = re.compile(r"\[[^\[\]]*\]|map\[[^\[\]]*\]|\.\.\.")
_NAMED_TYPE = re.compile(r"(?:(\w+)\.)?([A-Za-z_]\w*)(?:\[.*\])?\Z", re.DOTALL)
_NAMED_ITEM = re.compile(r"(\w+)\s+(\S.*)\Z", re.DOTALL)
_TYPE_WORDS = frozenset({"func", "chan", "map", "struct", "interface"})
_VERSION = re.compile(r"v\d+\Z")


class GoType(msgspec.Struct):
    """What one type declares, in all files of its package."""

    fields: dict[str, str] = {}
    methods: dict[str, tuple[str, ...]] = {}
    """By name, the types of what each gives."""
    bases: tuple[str, ...] = ()
    """The types whose members it has, too."""
    element: str = ""
    """Of a slice, an array or a map: the type of what is in it."""
    is_open: bool = False
    """It may have members that are not declared: a constraint, or a type of C."""


class GoPackage(msgspec.Struct):
    """What the files of one package declare."""

    types: dict[str, GoType] = {}
    functions: dict[str, tuple[str, ...]] = {}
    variables: dict[str, str] = {}
    """Constants, too."""


class GoFile(msgspec.Struct, frozen=True):
    """What one file says of itself."""

    package: str
    """The folder, with `_test` behind it where the package of the tests is another one."""
    imports: dict[str, str]
    """By the name that each has in the file, the folder of a package; `!` and its path where it is of another module."""
    text: str
    """The code, without comments and what strings say."""


class GoPackages:
    """Reads the packages of one workspace, each once."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._packages: dict[tuple[str, str], GoPackage | None] = {}
        self._modules: dict[str, tuple[str, str]] = {}

    def read_file(self, text: str, path: str) -> GoFile:
        """What a file's text says of itself."""
        named = _PACKAGE.search(text)
        folder = posixpath.dirname(path)
        is_other = named is not None and named[1].endswith("_test") and path.endswith("_test.go")
        head = text[: declaration.start()] if (declaration := _DECLARATION.search(text)) else text
        root, module = self._find_module(folder)
        imports: dict[str, str] = {}
        for match in _IMPORT.finditer(head):
            parts = match[2].split("/")
            name = match[1] or (parts[-2] if len(parts) > 1 and _VERSION.match(parts[-1]) else parts[-1])
            own = module and (match[2] == module or match[2].startswith(f"{module}/"))
            imports[name] = posixpath.join(root, match[2][len(module) + 1 :]).rstrip("/") if own else f"!{match[2]}"
        return GoFile(folder + "_test" * is_other, imports, strip_text(text))

    def read_package(self, package: str, own: str = "") -> GoPackage | None:
        """What a package declares; None where not all of its files are known. The file `own` is left to who has it open."""
        key = (package, own)
        if key not in self._packages:
            self._packages[key] = self._read_package(package, own)
        return self._packages[key]

    def _read_package(self, package: str, own: str) -> GoPackage | None:
        folder = package.removesuffix("_test") if package.endswith("_test") and not self._list(package) else package
        read = GoPackage()
        paths = [path for path in self._list(folder) if path != own]
        for path in paths:
            snapshot = self._workspace.read(path)
            if snapshot is None:
                return None
            file = self.read_file(snapshot.data.decode("utf-8", "replace"), path)
            if file.package == package:
                add_declarations(read, file)
        return read if paths or own else None

    def _list(self, folder: str) -> list[str]:
        return [path for path in self._workspace.list_files(PurePosixPath(folder)) if path.endswith(".go")]

    def _find_module(self, folder: str) -> tuple[str, str]:
        """The folder of the module that a folder belongs to, and the path by which it is imported; empty where there is none."""
        if folder not in self._modules:
            named = _MODULE.search(self._workspace.read_manifest(posixpath.join(folder, "go.mod")))
            above = self._find_module(posixpath.dirname(folder)) if folder else ("", "")
            self._modules[folder] = (folder, named[1].strip('"')) if named else above
        return self._modules[folder]


def strip_text(text: str) -> str:
    """Code without comments and what strings say."""
    return _NO_CODE.sub(lambda each: "" if each[0].startswith("/") else '""', text)


def add_declarations(package: GoPackage, file: GoFile) -> None:
    """What a file declares joins what is known of its package."""
    starts = [*_DECLARATION.finditer(file.text)]
    ends = [*(each.start() for each in starts), len(file.text)][1:]
    for match, after in zip(starts, ends, strict=True):
        body = file.text[match.end() : after]
        if match[1] == "func":
            _add_function(package, body, file)
            continue
        items = split_items(body[1 : find_bracket_end(body, 0)]) if body.startswith("(") else [body.strip()]
        for item in items:
            if match[1] == "type":
                _add_type(package, item, file)
            elif names := re.match(r"\w+(?:\s*,\s*\w+)*", item):
                behind = re.match(r"\s*([^=\n]*)", item[names.end() :])
                kind = make_type(behind[1], file) if behind else ""
                package.variables |= dict.fromkeys(re.split(r"\s*,\s*", names[0]), kind)


def make_type(text: str, file: GoFile, parameters: str = "") -> str:
    """A type as it is kept; empty where its members are not known by its name, as those of one of `parameters`."""
    text = text.strip().lstrip("*")
    if listed := _LIST_TYPE.match(text):
        inner = make_type(text[listed.end() :], file, parameters)
        return f"[]{inner}" if inner else ""
    named = _NAMED_TYPE.match(text)
    if named is None or (not named[1] and re.search(rf"\b{named[2]}\b", parameters)):
        return ""
    package = file.imports.get(named[1], "?") if named[1] else file.package
    return f"{package}:{named[2]}" if package != "?" else ""


def read_results(text: str, file: GoFile, parameters: str = "") -> tuple[str, ...]:
    """The types that stand behind a function's parameters."""
    text = re.split(r"\{|\n", text, maxsplit=1)[0].strip() if not text.lstrip().startswith("(") else text.lstrip()
    if not text.startswith("("):
        return (make_type(text, file, parameters),) if text else ()
    items = [each.strip() for each in split_items(text[1 : find_bracket_end(text, 0)], ",")]
    named = [each for each in items if (match := _NAMED_ITEM.match(each)) and match[1] not in _TYPE_WORDS]
    return tuple(
        make_type(each.split(None, 1)[1] if named and " " in each else "" if named else each, file, parameters) for each in items
    )


def split_items(text: str, separators: str = "\n;") -> Iterator[str]:
    """The parts of a text between separators that stand in no brackets."""
    depth = begin = 0
    for at, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if not depth and character in separators:
            if part := text[begin:at].strip():
                yield part
            begin = at + 1
    if part := text[begin:].strip():
        yield part


def find_bracket_end(text: str, start: int) -> int:
    """Where the bracket is closed that stands at `start`; the text's end where it is not."""
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if not depth:
            return at
    return len(text)


def _add_function(package: GoPackage, text: str, file: GoFile) -> None:
    match = _FUNCTION.match(text)
    if match is None:
        return
    receiver = text[: match.start(2)]
    parameters = (match[3] or "") + (receiver[receiver.find("[") :] if "[" in receiver else "")
    results = read_results(text[find_bracket_end(text, match.end()) + 1 :], file, parameters)
    if match[1]:
        package.types.setdefault(match[1], GoType()).methods[match[2]] = results
    elif not receiver:
        package.functions[match[2]] = results


def _add_type(package: GoPackage, text: str, file: GoFile) -> None:
    match = _TYPE.match(text)
    if match is None:
        return
    go_type, parameters, behind = (
        package.types.setdefault(match[1], GoType()),
        match[2] or "",
        text[match.end() :],
    )
    if shape := re.match(r"(struct|interface)\s*(?=\{)", behind):
        body = behind[shape.end() + 1 : find_bracket_end(behind, shape.end())]
        for item in split_items(body):
            _add_member(go_type, item.removesuffix('""').strip(), file, parameters, is_interface=shape[1] == "interface")
        return
    kind = make_type(behind.split("\n", 1)[0], file, parameters)
    if kind.startswith("[]"):
        go_type.element = kind[2:]
    elif kind:
        go_type.bases += (kind,)


def _add_member(go_type: GoType, item: str, file: GoFile, parameters: str, *, is_interface: bool) -> None:
    if is_interface and (method := _METHOD.match(item)):
        go_type.methods[method[1]] = read_results(item[find_bracket_end(item, method.end()) + 1 :], file, parameters)
    elif _EMBEDDED.match(item):
        kind = make_type(item, file, parameters)
        go_type.bases += (kind,)
        go_type.fields[re.split(r"[.*]", item.partition("[")[0])[-1]] = kind
        go_type.is_open = go_type.is_open or not kind
    elif (field := _FIELD.match(item)) and not is_interface:
        go_type.fields |= dict.fromkeys(re.split(r"\s*,\s*", field[1]), make_type(field[2], file, parameters))
    else:
        go_type.is_open = True
