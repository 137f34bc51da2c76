"""What Go's objects in scope at a cursor have: packages of the workspace, what a function declares, and what these lead to."""

import re
from collections import deque
from collections.abc import Iterator

from interfix.context.names.go_packages import (
    GoPackage,
    GoPackages,
    GoType,
    add_declarations,
    find_bracket_end,
    make_type,
    split_items,
    strip_text,
)
from interfix.context.names.language_builtins import find_base_members
from interfix.context.names.type_resolution import UNSURE_COST
from interfix.guided_decoding_names import KnownType, NameGuide

MAX_TYPES = 60
"""So many types are followed from one place."""
MAX_BASES = 12
"""A type with more ancestors is not known."""
MAX_TEXT = 20_000
"""So much of a function before the cursor is read, characters."""

_HEADER = re.compile(r"^func[ \t]*(?:\((\w+)\s+([^)]*)\)\s*)?\w+\s*(\[[^\]\n]*\])?(?=\()", re.MULTILINE)
_LITERAL = re.compile(r"\bfunc(?=\()")
_DEFINED = re.compile(r"(?:^|[{;]|\b(?:if|for|switch|case|else)\b)[ \t]*(\w+(?:\s*,\s*\w+)*)\s*:=\s*([^\n;]*)", re.MULTILINE)
_VAR = re.compile(r"^\s*var\s+(\w+(?:\s*,\s*\w+)*)\s*([^=\n]*)(?:=\s*([^\n]*))?", re.MULTILINE)
_COMPOSITE = re.compile(r"&?((?:\[[^\]]*\]|map\[[^\]]*\])?(?:\w+\.)?\w+(?:\[[^\]{]*\])?)\{")
_ASSERTED = re.compile(r"\.\(\*?((?:\w+\.)?\w+)\)\Z")
_NEW = re.compile(r"(?:new|make)\(([^,()]*)")
_STEP = re.compile(r"\.?\s*([A-Za-z_]\w*)")


class GoScope:
    """What is known of names in one file before a cursor."""

    def __init__(self, packages: GoPackages, text: str, path: str, offset: int) -> None:
        """`offset` counts characters of `text`."""
        self._packages = packages
        self._path = path
        self._file = packages.read_file(text, path)
        own, shared = GoPackage(), packages.read_package(self._file.package, path)
        for each in (shared,) if shared is not None else ():
            own.types = {
                name: GoType(dict(kind.fields), dict(kind.methods), kind.bases, kind.element, kind.is_open)
                for name, kind in each.types.items()
            }
            own.functions, own.variables = dict(each.functions), dict(each.variables)
        add_declarations(own, self._file)
        self._own = own
        self._is_whole = shared is not None
        self.variables: dict[str, str] = {}
        self._read_function(strip_text(text[max(0, offset - MAX_TEXT) : offset]))

    def build_guide(self) -> NameGuide:
        """The objects in scope, and the types that their members lead to."""
        types: dict[str, KnownType] = {}
        pending: deque[str] = deque()

        def add(kind: str) -> str:
            base = kind.removeprefix("[]")
            if not base or (kind not in types and len(types) >= MAX_TYPES):
                return ""
            if kind not in types:
                known_type = self._list_members(kind)
                if known_type is None:
                    return ""
                types[kind] = KnownType(tuple(sorted(known_type)), other_cost=UNSURE_COST)
                pending.append(kind)
            return kind

        kinds = self.variables | {f"{name}[]": kind[2:] for name, kind in self.variables.items() if kind.startswith("[]")}
        roots = {name: key for name, kind in kinds.items() if (key := add(kind))}
        for name, results in self._own.functions.items():
            if len(results) == 1 and name not in self.variables and (key := add(results[0])):
                roots[f"{name}()"] = key
        for name, kind in self._own.variables.items():
            if name not in self.variables and (key := add(kind)):
                roots.setdefault(name, key)
        for name, folder in self._file.imports.items():
            package = None if name in self.variables or folder.startswith("!") else self._read(folder)
            if package is not None:
                exported = {each: "" for each in (*package.types, *package.variables) if each[:1].isupper()}
                exported |= {
                    f"{each}()": kind[0] if len(kind) == 1 else "" for each, kind in package.functions.items() if each[:1].isupper()
                }
                exported |= {each: kind for each, kind in package.variables.items() if each[:1].isupper()}
                member_types = {each: key for each, kind in exported.items() if kind and (key := add(kind))}
                names = tuple(sorted({each.removesuffix("()") for each in exported}))
                types[f"*{name}"] = KnownType(names, member_types, UNSURE_COST)
                roots[name] = f"*{name}"
        while pending and len(types) < MAX_TYPES:
            key = pending.popleft()
            reached = ((name, add(kind)) for name, kind in (self._list_members(key, called=True) or {}).items())
            known_type = types[key]
            types[key] = KnownType(known_type.names, {name: kind for name, kind in reached if kind}, known_type.other_cost)
        return NameGuide(roots=roots, types=types)

    def _read(self, package: str) -> GoPackage | None:
        if package == self._file.package:
            return self._own if self._is_whole else None
        return self._packages.read_package(package)

    def _find(self, kind: str) -> GoType | None:
        """What declares a type; None where that is not known."""
        package, _, name = kind.rpartition(":")
        if kind.startswith("!"):
            members = find_base_members("go", kind[1:].replace(":", "."))
            return GoType(methods=dict.fromkeys(members, ())) if members is not None else None
        if name == "error":
            return GoType(methods={"Error": ()})
        go_package = self._read(package)
        return go_package.types.get(name) if go_package is not None else None

    def _list_members(self, kind: str, *, called: bool = False) -> dict[str, str] | None:
        """The members of a type and of what it embeds, each with its type; with `()` behind what is called, where that is asked.
        None where not all of them are known.
        """
        members: dict[str, str] = {}
        pending, seen = [kind], 0
        while pending:
            each = pending.pop()
            declared = self._find(each)
            seen += 1
            if declared is None or declared.is_open or seen > MAX_BASES:
                return None
            package = each.rpartition(":")[0]
            methods = {
                f"{name}()" if called else name: results[0] if len(results) == 1 else ""
                for name, results in declared.methods.items()
            }
            for name, its_kind in (declared.fields | methods).items():
                if package == self._file.package or name[:1].isupper():
                    members.setdefault(name, its_kind)
                    if called and its_kind.startswith("[]"):
                        members.setdefault(f"{name}[]", its_kind[2:])
            pending += declared.bases
        return members

    def _read_function(self, text: str) -> None:
        """The parameters and variables of the function that a text ends in."""
        headers = list(_HEADER.finditer(text))
        if not headers or re.search(r"^\}", text[headers[-1].start() :], re.MULTILINE):
            return
        header = headers[-1]
        parameters = header[3] or ""
        kinds_by_name: dict[str, set[str]] = {}
        if header[1]:
            receiver = re.sub(r"\[.*", "", header[2])
            kinds_by_name.setdefault(header[1], set()).add(make_type(receiver, self._file))
        close = find_bracket_end(text, header.end())
        self._add_parameters(kinds_by_name, text[header.end() + 1 : close], parameters)
        self._add_results(kinds_by_name, text[close + 1 :].split("\n", 1)[0].strip(), parameters)
        body = text[close + 1 :]
        for literal in _LITERAL.finditer(body):
            self._add_parameters(kinds_by_name, body[literal.end() + 1 : find_bracket_end(body, literal.end())], parameters)
        self.variables = {name: next(iter(kinds)) if len(kinds) == 1 else "" for name, kinds in kinds_by_name.items()}
        statements = sorted((*_DEFINED.finditer(body), *_VAR.finditer(body)), key=lambda each: each.start())
        for match in statements:
            names = re.split(r"\s*,\s*", match[1])
            kinds = self._read_statement(match, len(names), parameters)
            for name, kind in zip(names, kinds, strict=True):
                kinds_by_name.setdefault(name, set()).add(kind)
                self.variables[name] = kind if len(kinds_by_name[name]) == 1 else ""

    def _read_statement(self, match: "re.Match[str]", count: int, parameters: str) -> list[str]:
        """The types of the names that a statement declares."""
        if match.re is _VAR and match[2].strip():
            return [make_type(match[2], self._file, parameters)] * count
        value = (match[3] if match.re is _VAR else match[2]) or ""
        if value.startswith("range "):
            listed = self._infer(value[6:].rstrip(" {"))
            element = listed[0][2:] if listed and listed[0].startswith("[]") else ""
            return ["", element][:count] + [""] * (count - 2)
        parts = list(split_items(value, ","))
        kinds = [(self._infer(each) or ("",))[0] for each in parts] if len(parts) == count else list(self._infer(value))
        return (kinds + [""] * count)[:count]

    def _add_parameters(self, kinds_by_name: dict[str, set[str]], text: str, parameters: str) -> None:
        """The names between a function's brackets, `a, b T, c ...U`."""
        kind = ""
        for item in reversed(list(split_items(text, ","))):
            name, _, behind = item.partition(" ")
            kind = (
                ("[]" if behind.startswith("...") else "") + make_type(behind.lstrip("."), self._file, parameters)
                if behind
                else kind
            )
            kinds_by_name.setdefault(name, set()).add("" if kind == "[]" else kind)

    def _add_results(self, kinds_by_name: dict[str, set[str]], text: str, parameters: str) -> None:
        """Results that have names."""
        if text.startswith("("):
            items = text[1 : find_bracket_end(text, 0)]
            if re.match(r"\w+(?:\s*,\s*\w+)*\s+[\w*\[.]", items) and not re.match(r"(?:func|chan|map|struct|interface)\b", items):
                self._add_parameters(kinds_by_name, items, parameters)

    def _infer(self, value: str) -> tuple[str, ...]:
        """The types of what an expression gives; empty where they are not known."""
        value = value.strip().removesuffix(" {").strip()
        if asserted := _ASSERTED.search(value):
            return (make_type(asserted[1], self._file), "")
        if composite := _COMPOSITE.match(value):
            return (make_type(composite[1], self._file),) if find_bracket_end(value, composite.end() - 1) >= len(value) - 1 else ()
        if made := _NEW.match(value):
            return (make_type(made[1], self._file),) if find_bracket_end(value, 3 + (value[0] == "m")) >= len(value) - 1 else ()
        return self._follow(value.removeprefix("&").removeprefix("*"))

    def _follow(self, chain: str) -> tuple[str, ...]:
        """The types that a chain of names, calls and indexes leads to."""
        kinds: tuple[str, ...] = ()
        for at, (name, brackets) in enumerate(_split_chain(chain)):
            if at == 0:
                kinds = self._find_root(name, brackets)
            elif len(kinds) == 1 and kinds[0].startswith("*"):
                package = self._read(kinds[0][1:])
                kinds = _select(package, name, brackets, kinds[0][1:]) if package is not None else ()
            elif len(kinds) == 1 and kinds[0]:
                kinds = self._find_member(kinds[0], name, brackets)
            else:
                return ()
            for index in brackets[1:] if brackets[:1] == "(" else brackets:
                if index != "[" or len(kinds) != 1 or not kinds[0].startswith("[]"):
                    return ()
                kinds = (kinds[0][2:],)
        return () if kinds and kinds[0].startswith("*") else kinds

    def _find_root(self, name: str, brackets: str) -> tuple[str, ...]:
        if name in self.variables:
            return (self.variables[name],) if brackets[:1] != "(" else ()
        if name in self._file.imports and not brackets:
            return (f"*{self._file.imports[name]}",)
        return _select(self._own, name, brackets, self._file.package)

    def _find_member(self, kind: str, name: str, brackets: str) -> tuple[str, ...]:
        pending, seen = [kind], 0
        while pending and seen < MAX_BASES:
            declared = self._find(pending.pop(0))
            seen += 1
            if declared is None:
                return ()
            if name in declared.methods:
                return declared.methods[name] if brackets[:1] == "(" else ()
            if name in declared.fields:
                return (declared.fields[name],) if brackets[:1] != "(" else ()
            pending += declared.bases
        return ()


def _select(package: GoPackage, name: str, brackets: str, folder: str) -> tuple[str, ...]:
    """The types of what a package's name gives, called or not."""
    if brackets[:1] == "(":
        return package.functions.get(name, (f"{folder}:{name}",) if name in package.types else ())
    return (package.variables.get(name, ""),)


def _split_chain(chain: str) -> Iterator[tuple[str, str]]:
    """The names of a chain, each with the opening brackets behind it; one that leads nowhere where it is no chain."""
    at = 0
    while at < len(chain):
        step = _STEP.match(chain, at)
        if step is None or (at == 0) == chain[at:].startswith("."):
            yield "", "(("
            return
        at, brackets = step.end(), ""
        while at < len(chain) and chain[at] in "([":
            brackets += chain[at]
            at = find_bracket_end(chain, at) + 1
        yield step[1], brackets
