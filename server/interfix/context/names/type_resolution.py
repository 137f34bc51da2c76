"""From a type's name in some file to its members, by the index and the file's imports; nothing where any of it is not known."""

import math
from collections.abc import Sequence
from pathlib import PurePosixPath

from interfix.context.context_source import ContextQuery
from interfix.context.names.common_members import find_base_members, list_object_members
from interfix.context.names.declared_members import ALIAS, TYPE_KINDS, list_aliases, read_facts
from interfix.context.names.definition_facts import CONTAINERS, DECLARED, OPEN
from interfix.context.providers.module_resolution import resolve_import
from interfix.context.skeletons.definition import Definition
from interfix.guided_decoding_names import KnownType
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

_RELATED = (frozenset({"typescript", "tsx", "javascript"}), frozenset({"c", "cpp"}))
"""Languages that share their types; a header counts as C++."""
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

    def find_type(self, name: str, path: str) -> ResolvedType:
        """The type that a name stands for in the file at a path; empty where that is not known."""
        key = (name, path)
        known = self._own_resolved if path == self._query.path else self._cache.types
        if key not in known:
            known[key] = ()  # of a name that leads to itself nothing is known
            known[key] = self._find_definitions(name, path, TYPE_KINDS)
        return known[key]

    def find_function(self, name: str, path: str) -> str | None:
        """The file of the one function that a name stands for in the file at a path; None where that is not known."""
        definitions = self._find_definitions(name, path, frozenset({"function"}))
        return definitions[0].path if len(definitions) == 1 else None

    def find_returned_type(self, name: str, path: str) -> ResolvedType:
        """The type that the one function of a name gives, where it is no method and nothing decorates it; empty where that is not
        known.
        """
        key = (f"{name}()", path)
        known = self._own_resolved if path == self._query.path else self._cache.types
        if key not in known:
            definitions = self._find_definitions(name, path, frozenset({"function"}))
            known[key] = ()  # of a function that leads to itself nothing is known
            if len(definitions) == 1 and definitions[0].facts.returns and self._is_plain_function(definitions[0]):
                known[key] = self.find_type(definitions[0].facts.returns, definitions[0].path)
        return known[key]

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
                    members.setdefault(name, (type_name, each.path))
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
        if snapshot is None:
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
        key = (path, each.module, each.names, each.relative_level)
        if key not in self._cache.targets:
            self._cache.targets[key] = resolve_import(each, self._snapshot, path, self._query.workspace)
        return each, self._cache.targets[key]

    def _is_plain_function(self, function: Definition) -> bool:
        """Whether a function is none of a type, nor decorated: it begins its line, and the line before is no decorator."""
        snapshot = self.read(function.path)
        if snapshot is None:
            return False
        start = snapshot.lines.find_start(function.line)
        before = snapshot.data[snapshot.lines.find_start(function.line - 1) : start] if function.line else b""
        return not snapshot.data[start : start + 1].isspace() and not before.startswith((b"@", b" ", b"\t", b")"))

    def _find_definitions(self, name: str, path: str, kinds: frozenset[str]) -> ResolvedType:
        own = self._read_own(name) if path == self._query.path else self._ask_index(name, path)
        definitions = tuple(each for each in own if each.kind in kinds)
        if len(definitions) < len(own) and self.language not in OPEN:
            return ()  # a namespace of that name, or a function, adds members to the type
        imported = self.find_import(name, path)
        if definitions:
            return definitions if imported is None else ()
        if imported is None:
            return self._find_unimported(name, path, kinds) if self.language in OPEN else ()
        paths = imported[1]
        everything = self._ask_index(name)
        known = [each for each in everything if each.kind in kinds]
        if not paths or len(known) > MAX_NAMESAKES:
            return ()
        if len(known) < len(everything) and self.language not in OPEN:
            return ()
        at_path = tuple(each for each in known if each.path in paths)
        if at_path:
            return at_path
        # A package hands on what one of its files defines.
        packages = {PurePosixPath(each).parent for each in paths if PurePosixPath(each).stem in ("__init__", "index", "mod", "lib")}
        below = tuple(each for each in known if packages & set(PurePosixPath(each.path).parents))
        return below if len(below) == 1 else ()

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
        known = [each for each in here if each.kind in kinds]
        # A constructor has its class's name.
        return tuple(known) if len(known) == 1 and all(each.kind in kinds or each.path == known[0].path for each in here) else ()

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
        aliases = list_aliases(self._snapshot) if self.language in DECLARED else ()
        return [*own, *(Definition(self._query.path, name, ALIAS, 0, "", facts) for alias, _, _, facts in aliases if alias == name)]

    def _ask_index(self, name: str, path: str = "") -> Sequence[Definition]:
        """The definitions of a name in this language, or in one file."""
        index = self._query.workspace.index
        definitions = index.find_definitions([name]) if index is not None else []
        if path:
            return [each for each in definitions if each.path == path]
        return [each for each in definitions if _is_same_language(each.path, self.language)]


def make_known_type(members: dict[str, tuple[str, str]], language: str, more: frozenset[str]) -> KnownType:
    """The names of members, with what every object has, and `more` that the file shows."""
    names = {name.removesuffix("()").lstrip("#") for name in members}
    cost = UNSURE_COST if language in OPEN else math.inf
    return KnownType(tuple(sorted(names | list_object_members(language) | more)), other_cost=cost)


def _is_same_language(path: str, language: str) -> bool:
    path_language = load_languages().find_by_path(path)
    return path_language is not None and (
        path_language.id == language or any({path_language.id, language} <= each for each in _RELATED)
    )
