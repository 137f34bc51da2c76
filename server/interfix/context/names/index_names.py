"""`index`: what the workspace itself says of the objects in scope. It knows a type only with all that it inherits."""

import math
from collections import deque

import msgspec

from interfix.context.context_source import ContextQuery
from interfix.context.names.argument_names import find_argument_names
from interfix.context.names.definition_facts import OPEN
from interfix.context.names.go_members import GoScope
from interfix.context.names.go_packages import GoPackages
from interfix.context.names.language_builtins import list_function_members, list_object_members
from interfix.context.names.module_names import find_module_names, find_namespaces
from interfix.context.names.name_position import NamePosition, PositionKind
from interfix.context.names.python_library_guide import add_library_names
from interfix.context.names.scope_types import (
    find_called_types,
    find_named_types,
    find_receiver_type,
    find_variable_types,
    list_declared_types,
    list_own_members,
    read_function,
)
from interfix.context.names.script_type_resolution import LIBRARY
from interfix.context.names.script_types import SCRIPTS
from interfix.context.names.type_resolution import UNSURE_COST, ResolutionCache, ResolvedType, TypeResolver
from interfix.context.workspace_reader import Workspace
from interfix.guided_decoding_names import KnownType, NameGuide
from interfix.syntax.enclosing_scopes import find_enclosing_scopes
from interfix.syntax.injections import get_embedded_at
from interfix.syntax.languages import Language
from interfix.syntax.snapshot import Snapshot

MAX_TYPES = 40
"""So many types are followed from one place."""
NEW_NAME_COST = 2.0
"""What names that a statement may be about to define must be likelier by (natural logarithm of the ratio)."""
LISTED = "listed"
"""The key of the names that may stand at a cursor which is behind no link."""


class IndexNames:
    """Asks the index, the file's own definitions and the modules that it imports."""

    name = "index"

    def __init__(self) -> None:
        self._caches: dict[Workspace, ResolutionCache] = {}
        self._go_packages: dict[Workspace, tuple[ResolutionCache, GoPackages]] = {}

    def find(self, query: ContextQuery, position: NamePosition | None) -> NameGuide:
        """The objects in scope, as far as their types are beyond doubt. Blocks, in a thread."""
        snapshot = get_embedded_at(query.snapshot, query.offset)
        language = snapshot.language
        if language is None or self.name not in language.name_sources:
            return NameGuide()
        if language.id == "go":
            start = position.start if position is not None else query.offset
            text = (snapshot.data[:start] + snapshot.data[query.offset :]).decode("utf-8", "replace")
            before = len(snapshot.data[:start].decode("utf-8", "replace"))
            return GoScope(self._get_go_packages(query.workspace), text, query.path, before).build_guide()
        # What is typed of a name is none yet; where a statement that lacks one breaks the tree, another stands in for it.
        ends = position is not None and position.line.count("(") <= position.line.count(")")
        stand_in = ("_;" if ends else "_") if language.id in OPEN | SCRIPTS else ""
        if position is not None and (stand_in or position.start < query.offset):
            snapshot = snapshot.replace_range(position.start, query.offset, stand_in)
        name_start = position.start if position is not None else query.offset
        resolver = TypeResolver(query, snapshot, self._get_cache(query.workspace))
        if position is not None and position.kind is PositionKind.IMPORT:
            exported = find_module_names(position.module, resolver, query.path, query.workspace)
            return _add_listed(NameGuide(), exported, language, position.kind)
        graph = add_library_names(
            _build_graph(snapshot, name_start, resolver, query.path), snapshot, name_start, resolver, query.path
        )
        if language.id in SCRIPTS:
            graph = _add_namespaces(graph, find_namespaces(snapshot, resolver, query.path, query.workspace))
        if position is not None and position.kind is PositionKind.ARGUMENT:
            taken = find_argument_names(position.callee, snapshot, name_start, resolver, query.path)
            return _add_listed(graph, taken, language, position.kind)
        return graph

    def _get_cache(self, workspace: Workspace) -> ResolutionCache:
        """What is known of a workspace's files; nothing of it holds once the index has changed."""
        version = workspace.index.read_version() if workspace.index is not None else None
        cache = self._caches.get(workspace)
        if cache is None or cache.version != version:
            cache = self._caches[workspace] = ResolutionCache(version)
        return cache

    def _get_go_packages(self, workspace: Workspace) -> GoPackages:
        """What is known of a workspace's packages, as long as the cache of its files holds."""
        cache = self._get_cache(workspace)
        cached = self._go_packages.get(workspace)
        if cached is None or cached[0] is not cache:
            cached = self._go_packages[workspace] = cache, GoPackages(workspace)
        return cached[1]


def _add_listed(guide: NameGuide, names: frozenset[str] | None, language: Language, kind: PositionKind) -> NameGuide:
    """With the names that may stand at the cursor, where they are known."""
    if names is None:
        return guide
    cost = math.inf if kind.name.lower() in language.refused_positions else UNSURE_COST
    listed = KnownType(tuple(sorted(names)), {}, cost)
    return msgspec.structs.replace(guide, cursor_type=LISTED, types={**guide.types, LISTED: listed})


def _add_namespaces(guide: NameGuide, namespaces: dict[str, frozenset[str]]) -> NameGuide:
    """With the modules that a script imports as a whole."""
    types = {f"*{name}": KnownType(tuple(sorted(names)), {}, UNSURE_COST) for name, names in namespaces.items()}
    roots = {name: f"*{name}" for name in namespaces}
    return msgspec.structs.replace(guide, roots={**roots, **guide.roots}, types={**types, **guide.types})


def _build_graph(snapshot: Snapshot, offset: int, resolver: TypeResolver, path: str) -> NameGuide:
    """The roots in scope, and the types that their members lead to."""
    language = snapshot.language
    assert language is not None
    roots: dict[str, ResolvedType] = {}
    own_name, own = find_receiver_type(snapshot, offset, resolver, path)
    if own:
        roots |= dict.fromkeys(language.receivers, own) | {own_name: own, f"{own_name}::": own}
    for name, resolved in find_variable_types(snapshot, offset, resolver, path):
        roots.setdefault(name, resolved)
    for name, resolved in find_named_types(snapshot, offset, resolver, path):
        for root in (name, f"{name}()", f"{name}::"):
            roots.setdefault(root, resolved)
    for name, resolved in find_called_types(snapshot, offset, resolver, path):
        roots.setdefault(f"{name}()", resolved)
    types = _Types(resolver, list_own_members(snapshot, language.receivers, own_name, offset) if own else frozenset(), own)
    keys = {name: key for name, resolved in roots.items() if (key := types.add(resolved))}
    types.follow()
    if language.id in SCRIPTS:
        keys |= {name: types.add_class(keys[name]) for name in keys if _is_class(name, roots[name])}
    if own and language.calls and language.calls.bare_members:
        text, header_end = read_function(snapshot, offset)
        declared = list_declared_types(text, header_end, resolver.language)
        keys = {name: key for name, key in types.list_own_member_types().items() if name not in declared} | keys
    # A constructor gives its object most of what it has: what stands left of an assignment there is free.
    scopes = find_enclosing_scopes(snapshot, offset)
    is_constructor = bool(scopes and language.calls and scopes[-1].name == language.calls.constructor)
    return NameGuide(roots=keys, types=types.types, new_name_cost=0.0 if is_constructor else NEW_NAME_COST)


class _Types:
    """Known types by key, and those still to be read."""

    def __init__(self, resolver: TypeResolver, own_members: frozenset[str], own: ResolvedType) -> None:
        self.types: dict[str, KnownType] = {}
        self._resolver = resolver
        self._own_members = own_members
        self._own_key = _make_key(own) if own else ""
        self._pending: deque[tuple[str, dict[str, tuple[str, str]]]] = deque()
        self._unknown: set[str] = set()

    def add(self, resolved: ResolvedType) -> str:
        """The key of a type; empty where not all of its members are known."""
        key = _make_key(resolved)
        if key in self.types:
            return key
        members = None if key in self._unknown or len(self.types) >= MAX_TYPES else self._resolver.read_members(resolved)
        if members is None:
            self._unknown.add(key)
            return ""
        more = self._own_members if key == self._own_key else frozenset()
        self.types[key] = _make_known_type(members, self._resolver.language, more)
        self._pending.append((key, members))
        return key

    def add_class(self, key: str) -> str:
        """The key of a class itself, by that of its objects: it is a function, which they are not."""
        object_type = self.types[key]
        names = frozenset(object_type.names) | list_function_members(self._resolver.language)
        self.types[f"typeof {key}"] = msgspec.structs.replace(object_type, names=tuple(sorted(names)))
        return f"typeof {key}"

    def list_own_member_types(self) -> dict[str, str]:
        """The keys of the types of what the class at the cursor has, by its members' names."""
        own = self.types.get(self._own_key)
        return own.member_types if own is not None else {}

    def follow(self) -> None:
        """Read the types of members, and those of theirs."""
        while self._pending and len(self.types) < MAX_TYPES:
            key, members = self._pending.popleft()
            member_types = {
                name.lstrip("#"): inner
                for name, (type_name, path) in members.items()
                if type_name and (resolved := self._resolver.find_type(type_name, path)) and (inner := self.add(resolved))
            }
            known_type = self.types[key]
            self.types[key] = msgspec.structs.replace(known_type, member_types=member_types)


def _is_class(name: str, resolved: ResolvedType) -> bool:
    """Whether a root is a script's class, not one of its objects."""
    is_own = resolved[0].path == LIBRARY
    return (name == resolved[0].name and resolved[0].kind == "class") or (is_own and "prototype" in resolved[0].facts.members)


def _make_key(resolved: ResolvedType) -> str:
    return f"{resolved[0].path}#{resolved[0].name}"


def _make_known_type(members: dict[str, tuple[str, str]], language: str, more: frozenset[str]) -> KnownType:
    """The names of members, with what every object has, and `more` that the file shows."""
    names = {name.removesuffix("()").lstrip("#") for name in members}
    is_open = language in OPEN or any(origin == LIBRARY for _, origin in members.values())
    cost = UNSURE_COST if is_open else math.inf
    return KnownType(tuple(sorted(names | list_object_members(language) | more)), other_cost=cost)
