"""`symbols`: the names around the cursor, looked up in the index of the workspace. Says nothing where there is no index."""

from interfix.context.named import named
from interfix.context.place import Chunk, Place
from interfix.syntax.scopes import scopes_in

MOST_NAMES = 40
"""Names looked up for one place, the nearest to the cursor."""
MOST_FILES = 8
"""Files looked into."""


class Symbols:
    """Groups what the index knows by file, so that a file is one chunk."""

    name = "symbols"

    def find(self, place: Place) -> list[Chunk]:
        """One chunk a file that defines some of the names, unless this file defines them itself."""
        if place.workspace.index is None:
            return []
        own = {scope.name for scope in scopes_in(place.snapshot, 0, len(place.snapshot.data))}
        names = [name for name in place.names if name not in own][:MOST_NAMES]
        files: dict[str, dict[str, float]] = {}
        for definition in place.workspace.index.definitions(names):
            if definition.path != place.path and definition.name in place.names:
                files.setdefault(definition.path, {})[definition.name] = place.names[definition.name]
        found = []
        for path, weights in sorted(files.items(), key=lambda item: -sum(item[1].values()))[:MOST_FILES]:
            if place.over.is_set():
                break
            snapshot = place.workspace.read(path)
            if snapshot is not None and (chunk := named(path, snapshot, weights)) is not None:
                found.append(chunk)
        return found
