"""`imported`: the definitions behind this file's imports, where they lie in the workspace."""

from interfix.context.context_source import Chunk, ContextQuery
from interfix.context.named_definitions_chunk import look_up_definitions
from interfix.context.sources.module_resolution import resolve_import
from interfix.context.workspace_reader import Workspace
from interfix.syntax.imports import Import, parse_imports
from interfix.syntax.snapshot import Snapshot

MAX_FILES = 24
"""Files looked into for one place."""
_UNUSED_WEIGHT = 0.1
"""What a name counts that is imported and not used near the cursor."""


class ImportedDefinitionsSource:
    """Follows an import one file further where a package only hands a name on."""

    name = "imported"

    def find(self, query: ContextQuery) -> list[Chunk]:
        """One chunk a file that defines what is imported, and used near the cursor or nearly so."""
        weights_by_path: dict[str, dict[str, float]] = {}
        for each in parse_imports(query.snapshot):
            weights = {name: query.name_weights.get(name, _UNUSED_WEIGHT) for name in each.names if name != "*"}
            if not weights or "*" in each.names:
                # The module itself: any of its names may be used.
                weights |= query.name_weights
            for path in resolve_import(each, query.snapshot, query.path, query.workspace):
                weights_by_path.setdefault(path, {}).update(weights)
        weights_by_path.pop(query.path, None)
        chunks: dict[str, Chunk] = {}
        for path, weights in sorted(weights_by_path.items(), key=lambda item: -max(item[1].values(), default=0))[:MAX_FILES]:
            if query.cancel_event.is_set():
                break
            if (snapshot := query.workspace.read(path)) is None:
                continue
            # Members of what is imported are called by names of their own.
            chunk = look_up_definitions(path, snapshot, {**query.name_weights, **weights}, query.workspace.index)
            if chunk is not None:
                chunks[path] = chunk
            for further, names in _follow_reexports(snapshot, path, weights, query.workspace):
                if further not in weights_by_path and further not in chunks and further != query.path:
                    deeper = query.workspace.read(further)
                    if (
                        deeper is not None
                        and (chunk := look_up_definitions(further, deeper, names, query.workspace.index)) is not None
                    ):
                        chunks[further] = chunk
        return list(chunks.values())


def _follow_reexports(
    snapshot: Snapshot, path: str, weights: dict[str, float], workspace: Workspace
) -> list[tuple[str, dict[str, float]]]:
    """The files from which a package's own file takes some of the names it is asked for."""
    if not path.endswith(("/__init__.py", "/index.ts", "/index.js", "/mod.rs", "/lib.rs")):
        return []
    paths = []
    for each in parse_imports(snapshot):
        names = {name: weights[name] for name in each.names if name in weights}
        if names:
            paths += [(file, names) for file in resolve_import(_restrict_names(each, names), snapshot, path, workspace)]
    return paths


def _restrict_names(each: Import, names: dict[str, float]) -> Import:
    return Import(each.module, tuple(names), each.relative_level, each.start, each.end)
