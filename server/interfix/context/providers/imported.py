"""`imported`: the definitions behind this file's imports, where they lie in the workspace. Knows how no language finds a module."""

from interfix.context.named import named
from interfix.context.place import Chunk, Place
from interfix.context.providers.modules import files_of
from interfix.context.workspace import Workspace
from interfix.syntax.imports import Import, imported
from interfix.syntax.snapshot import Snapshot

MOST_FILES = 24
"""Files looked into for one place."""
_UNSEEN = 0.1
"""What a name counts that is imported and not used near the cursor."""


class Imported:
    """Follows an import one file further where a package only hands a name on."""

    name = "imported"

    def find(self, place: Place) -> list[Chunk]:
        """One chunk a file that defines what is imported, and used near the cursor or nearly so."""
        wanted: dict[str, dict[str, float]] = {}
        for each in imported(place.snapshot):
            weights = {name: place.names.get(name, _UNSEEN) for name in each.names if name != "*"}
            if not weights or "*" in each.names:
                # The module itself: any of its names may be used.
                weights |= place.names
            for path in files_of(each, place.snapshot, place.path, place.workspace):
                wanted.setdefault(path, {}).update(weights)
        wanted.pop(place.path, None)
        found: dict[str, Chunk] = {}
        for path, weights in sorted(wanted.items(), key=lambda item: -max(item[1].values(), default=0))[:MOST_FILES]:
            if place.over.is_set():
                break
            if (snapshot := place.workspace.read(path)) is None:
                continue
            # Members of what is imported are called by names of their own.
            chunk = named(path, snapshot, {**place.names, **weights})
            if chunk is not None:
                found[path] = chunk
            for further, names in _handed_on(snapshot, path, weights, place.workspace):
                if further not in wanted and further not in found and further != place.path:
                    deeper = place.workspace.read(further)
                    if deeper is not None and (chunk := named(further, deeper, names)) is not None:
                        found[further] = chunk
        return list(found.values())


def _handed_on(
    snapshot: Snapshot, path: str, weights: dict[str, float], workspace: Workspace
) -> list[tuple[str, dict[str, float]]]:
    """The files from which a package's own file takes some of the names it is asked for."""
    if not path.endswith(("/__init__.py", "/index.ts", "/index.js", "/mod.rs", "/lib.rs")):
        return []
    found = []
    for each in imported(snapshot):
        names = {name: weights[name] for name in each.names if name in weights}
        if names:
            found += [(file, names) for file in files_of(_only(each, names), snapshot, path, workspace)]
    return found


def _only(each: Import, names: dict[str, float]) -> Import:
    return Import(each.module, tuple(names), each.relative, each.start, each.end)
