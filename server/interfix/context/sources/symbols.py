"""`symbols`: the names around the cursor, looked up in the index of the workspace. Says nothing where there is no index."""

from interfix.context.context_source import Chunk, ContextQuery
from interfix.context.named_definitions_chunk import look_up_definitions
from interfix.syntax.enclosing_scopes import find_scopes

MAX_NAMES = 40
"""Names looked up for one place, the nearest to the cursor."""
MAX_FILES = 8
"""Files looked into."""


class SymbolsSource:
    """Groups what the index knows by file, so that a file is one chunk."""

    name = "symbols"

    def find(self, query: ContextQuery) -> list[Chunk]:
        """One chunk a file that defines some of the names, unless this file defines them itself."""
        if query.workspace.index is None:
            return []
        own = {scope.name for scope in find_scopes(query.snapshot, 0, len(query.snapshot.data))}
        names = [name for name in query.name_weights if name not in own][:MAX_NAMES]
        files: dict[str, dict[str, float]] = {}
        for definition in query.workspace.index.find_definitions(names):
            if definition.path != query.path and definition.name in query.name_weights:
                files.setdefault(definition.path, {})[definition.name] = query.name_weights[definition.name]
        chunks = []
        for path, weights in sorted(files.items(), key=lambda item: -sum(item[1].values()))[:MAX_FILES]:
            if query.cancel_event.is_set():
                break
            snapshot = query.workspace.read(path)
            if snapshot is not None and (chunk := look_up_definitions(path, snapshot, weights, query.workspace.index)) is not None:
                chunks.append(chunk)
        return chunks
