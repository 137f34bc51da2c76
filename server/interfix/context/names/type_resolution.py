"""From a type's name in some file to its members, by the index and the file's imports; nothing where any of it is not known."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

import msgspec

from interfix.context.context_source import ContextQuery
from interfix.context.names.c_and_rust_members import TYPE_KINDS, list_aliases, read_facts
from interfix.context.names.definition_facts import CONTAINERS, DECLARED, OPEN, TypeFacts
from interfix.context.names.language_builtins import find_base_members
from interfix.context.names.script_declared_types import VARIABLE
from interfix.context.names.script_type_resolution import is_own_module, resolve_script_type
from interfix.context.names.script_types import SCRIPTS
from interfix.context.skeletons.definition import Definition
from interfix.context.sources.module_resolution import resolve_import
from interfix.syntax.definitions import find_scopes
from interfix.syntax.imports import Import, parse_imports
from interfix.syntax.languages import load_languages
from interfix.syntax.snapshot import Snapshot

MAX_NAMESAKES = 6
"""A type of whose name there are more definitions is not known."""
UNSURE_COST = 3.0
"""What names cost that no type declares, natural logarithm of the ratio, in languages where a tool or another file may add them."""
MAX_BASES = 12
"""A type with more ancestors is not known."""
MAX_HANDED_ON = 4
"""So many modules are followed that hand on what others define."""

_RELATED = (frozenset({"typescript", "tsx", "javascript"}), frozenset({"c", "cpp"}))
"""Languages that share their types; a header counts as C++."""
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
ResolvedType = tuple[Definition, ...]
"""The definitions of a type: one, or those that are merged."""


class ResolutionCache:
    """What was found out of other files, as long as the index is as it was: typing in one file changes nothing of them."""

    def __init__(self, version: object) -> None:
        self.version = version
        self.types: dict[tuple[str, str], ResolvedType] = {}
        self.imports: dict[str, tuple[Import, ...]] = {}
        self.targets: dict[tuple[str, str, tuple[str, ...], int], Sequence[str]] = {}


class TypeResolver:
    """Resolves for one place. Reads other files through the workspace only."""

    def __init__(self, query: ContextQuery, snapshot: Snapshot, cache: ResolutionCache) -> None:
        """`snapshot` is the document as the language at the cursor sees it."""
        self._cache = cache
        self._query = query
        self._snapshot = snapshot
        self.language = snapshot.language.id if snapshot.language else ""
        self._scopes = find_scopes(snapshot, 0, len(snapshot.data))
        self.own_types = tuple(scope.name for scope in self._scopes if scope.kind in CONTAINERS)
        """The names of the types that the document itself defines, as it stands now."""
        self._files: dict[str, Snapshot | None] = {query.path: snapshot}
        self._own_imports = parse_imports(snapshot)
        self._own_resolved: dict[tuple[str, str], ResolvedType] = {}
        self._words: frozenset[str] = frozenset()
        self._own_aliases: list[tuple[str, str, int, int, TypeFacts]] | None = None

    def find_type(self, name: str, path: str) -> ResolvedType:
        """The type that a name stands for in the file at a path; empty where that is not known."""
        key = (name, path)
        types = self._own_resolved if path == self._query.path else self._cache.types
        if key not in types:
            types[key] = ()  # of a name that leads to itself nothing is known
            types[key] = resolve_script_type(self, name, path) if self.language in SCRIPTS else self.find_named_type(name, path)
        return types[key]

    def find_named_type(self, name: str, path: str) -> ResolvedType:
        """The same of what is a name and nothing else."""
        return self._find_definitions(name, path, TYPE_KINDS)

    def find_variable(self, name: str, path: str) -> Definition | None:
        """The one variable of a module that a name stands for in the file at a path; None where that is not known."""
        variables = self._find_definitions(name, path, frozenset({VARIABLE}))
        return variables[0] if len(variables) == 1 else None

    def is_bound(self, name: str, path: str) -> bool:
        """Whether a file itself defines a name, or imports it."""
        own = self._read_own(name) if path == self._query.path else self._ask_index(name, path)
        return bool(own) or any(name in each.names for each in self.read_imports(path))

    def find_function(self, name: str, path: str) -> str | None:
        """The file of the one function that a name stands for in the file at a path; None where that is not known."""
        definitions = self._find_definitions(name, path, frozenset({"function"}))
        return definitions[0].path if len(definitions) == 1 else None

    def find_returned_type(self, name: str, path: str) -> ResolvedType:
        """The type that the one function of a name gives, where it is no method and nothing decorates it; empty where that is not
        known.
        """
        key = (f"{name}()", path)
        types = self._own_resolved if path == self._query.path else self._cache.types
        if key not in types:
            function = self.find_plain_function(name, path)
            types[key] = ()  # of a function that leads to itself nothing is known
            if function is not None and function.facts.returns:
                types[key] = self.find_type(function.facts.returns, function.path)
        return types[key]

    def find_plain_function(self, name: str, path: str) -> Definition | None:
        """The one function of a name that is no method and that nothing decorates; None where that is not known."""
        functions = self._find_definitions(name, path, frozenset({"function"}))
        return functions[0] if len(functions) == 1 and self._is_plain_function(functions[0]) else None

    def read_members(self, resolved: ResolvedType) -> dict[str, tuple[str, str]] | None:
        """The members of a type and of what it inherits from, each with its type and the file that says so, `()` behind what is
        called; None where not all of them are known.
        """
        members: dict[str, tuple[str, str]] = {}
        pending, seen = [resolved], 0
        while pending:
            for each in pending.pop():
                seen += 1
                if each.facts.is_dynamic or seen > MAX_BASES:
                    return None
                for name, type_name in each.facts.members.items():
                    # What a script's class only names of its object is declared where it inherits it.
                    if name not in members or (self.language in SCRIPTS and not members[name][0]):
                        members[name] = (type_name, each.path)
                for base in each.facts.bases:
                    own = find_base_members(self.language, base)
                    further = self.find_type(base, each.path)
                    if not further and own is None:
                        if self.language == "rust":
                            continue  # a trait of another crate: what it adds is not refused
                        return None
                    members |= {name: ("", "") for name in own or () if name not in members} if not further else {}
                    pending += [further] if further else []
        return members

    def resolve_module(self, module: str, path: str) -> str:
        """The file of the workspace that a module is, by how it is imported; empty where there is none."""
        level = len(module) - len(module.lstrip(".")) if self.language == "python" else 0
        snapshot = self.read(path)
        if snapshot is None or (self.language in SCRIPTS and not is_own_module(module)):
            return ""
        paths = resolve_import(Import(module[level:], (), level, 0, 0), snapshot, path, self._query.workspace)
        return paths[0] if len(paths) == 1 else ""

    def read(self, path: str) -> Snapshot | None:
        """A file of the workspace."""
        if path not in self._files:
            self._files[path] = self._query.workspace.read(path)
        return self._files[path]

    def read_imports(self, path: str) -> tuple[Import, ...]:
        """What a file imports."""
        if path == self._query.path:
            return self._own_imports
        if path not in self._cache.imports:
            snapshot = self.read(path)
            self._cache.imports[path] = parse_imports(snapshot) if snapshot is not None else ()
        return self._cache.imports[path]

    def find_import(self, name: str, path: str) -> tuple[Import, Sequence[str]] | None:
        """The import that brings a name into a file, and the files of the workspace that it leads to."""
        each = next((each for each in self.read_imports(path) if name in each.names), None)
        if each is None:
            return None
        return each, self._resolve(each, path)

    def _resolve(self, each: Import, path: str) -> Sequence[str]:
        """The files of the workspace that an import leads to."""
        if self.language in SCRIPTS and not is_own_module(each.module):
            return ()
        key = (path, each.module, each.names, each.relative_level)
        if key not in self._cache.targets:
            self._cache.targets[key] = resolve_import(each, self._snapshot, path, self._query.workspace)
        return self._cache.targets[key]

    def _is_plain_function(self, function: Definition) -> bool:
        """Whether a function is none of a type, nor decorated: it begins its line, and the line before is no decorator."""
        snapshot = self.read(function.path)
        if snapshot is None:
            return False
        start = snapshot.lines.find_start(function.line)
        is_decorable = function.line and self.language not in SCRIPTS
        before = snapshot.data[snapshot.lines.find_start(function.line - 1) : start] if is_decorable else b""
        return not snapshot.data[start : start + 1].isspace() and not before.startswith((b"@", b" ", b"\t", b")"))

    def _find_definitions(self, name: str, path: str, kinds: frozenset[str], handed_on: int = 0) -> ResolvedType:
        own, is_clear = self._select(self._read_own(name) if path == self._query.path else self._ask_index(name, path), kinds)
        if not is_clear:
            return ()
        imported = self.find_import(name, path)
        if own:
            return own if imported is None else ()
        if imported is None:
            return self._find_unimported(name, path, kinds) if self.language in OPEN else ()
        paths = imported[1]
        if self.language in SCRIPTS:
            return self._find_exported(name, paths, kinds, handed_on)
        definitions = self._ask_index(name)
        namesakes = [each for each in definitions if each.kind in kinds]
        if not paths or len(namesakes) > MAX_NAMESAKES:
            return ()
        if len(namesakes) < len(definitions) and self.language not in OPEN:
            return ()
        at_path = tuple(each for each in namesakes if each.path in paths)
        if at_path:
            return at_path
        # A package hands on what one of its files defines.
        packages = {PurePosixPath(each).parent for each in paths if PurePosixPath(each).stem in ("__init__", "index", "mod", "lib")}
        below = tuple(each for each in namesakes if packages & set(PurePosixPath(each.path).parents))
        return below if len(below) == 1 else ()

    def _find_exported(self, name: str, paths: Sequence[str], kinds: frozenset[str], handed_on: int) -> ResolvedType:
        """What a script's module, one of these files, has under a name: its own, or what it hands on of another one."""
        for path in paths:
            if exported := self._find_definitions(name, path, kinds, handed_on):
                return exported
            if handed_on >= MAX_HANDED_ON:
                continue
            for each in self.read_imports(path):
                if not each.names or "*" in each.names:
                    further = self._resolve(each, path)
                    if exported := self._find_exported(name, further, kinds, handed_on + 1):
                        return exported
        return ()

    def _select(self, definitions: Sequence[Definition], kinds: frozenset[str]) -> tuple[ResolvedType, bool]:
        """Those of some kinds, and whether nothing else of that name may change what they are: a namespace, or a function, adds
        members to a type.
        """
        others = [each for each in definitions if each.kind not in kinds and each.kind != VARIABLE]
        of_kinds = tuple(each for each in definitions if each.kind in kinds)
        return of_kinds, not others or self.language in OPEN or VARIABLE in kinds

    def _find_unimported(self, name: str, path: str, kinds: frozenset[str]) -> ResolvedType:
        """A type that needs no import: Java's of the same folder, C#'s and Rust's where the workspace has no other of it; in C
        several of a name, one a platform, count as one.
        """
        everything = self._ask_index(name)
        if self.language in DECLARED:
            types = tuple(each for each in everything if each.kind in kinds)
            return types if len(types) == 1 or (self.language != "rust" and len(types) <= MAX_NAMESAKES) else ()
        here = [
            each
            for each in everything
            if self.language == "csharp" or PurePosixPath(each.path).parent == PurePosixPath(path).parent
        ]
        fit = [each for each in here if each.kind in kinds]
        # A constructor has its class's name.
        return tuple(fit) if len(fit) == 1 and all(each.kind in kinds or each.path == fit[0].path for each in here) else ()

    def _read_own(self, name: str) -> Sequence[Definition]:
        """The definitions of a name in the document itself."""
        own = [
            Definition(
                self._query.path,
                name,
                scope.kind,
                self._snapshot.lines.find_line(scope.header_start),
                "",
                read_facts(self._snapshot, scope, self._scopes),
            )
            for scope in self._scopes
            if scope.name == name
        ]
        if self._own_aliases is None:
            self._own_aliases = list(list_aliases(self._snapshot)) if self.language in DECLARED | SCRIPTS else []
        others = ((kind, facts) for alias, kind, _, _, facts in self._own_aliases if alias == name)
        if self.language in SCRIPTS:
            own = [self._complete(each) for each in own]
        return [*own, *(Definition(self._query.path, name, kind, 0, "", facts) for kind, facts in others)]

    def _complete(self, own: Definition) -> Definition:
        """A class of the document with those of its members that the index knows and the document still names: where a statement is
        being written, the tree may lack what follows.
        """
        saved = next((each for each in self._ask_index(own.name, self._query.path) if each.kind == own.kind == "class"), None)
        if saved is None or own.facts.is_dynamic:
            return own
        words = self._words = self._words or frozenset(_WORD.findall(self._snapshot.data.decode("utf-8", "replace")))
        saved_members = {name: kind for name, kind in saved.facts.members.items() if name.removesuffix("()").lstrip("#") in words}
        members = {name: kind or saved_members.get(name, "") for name, kind in own.facts.members.items()}
        return msgspec.structs.replace(own, facts=msgspec.structs.replace(own.facts, members={**saved_members, **members}))

    def _ask_index(self, name: str, path: str = "") -> Sequence[Definition]:
        """The definitions of a name in this language, or in one file."""
        index = self._query.workspace.index
        if index is None or path:
            return index.find_in_file(name, path) if index is not None else []
        definitions = index.find_definitions([name])
        return [each for each in definitions if _is_same_language(each.path, self.language)]


def _is_same_language(path: str, language: str) -> bool:
    path_language = load_languages().find_by_path(path)
    return path_language is not None and (
        path_language.id == language or any({path_language.id, language} <= each for each in _RELATED)
    )
