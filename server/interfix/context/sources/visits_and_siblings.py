"""`neighbours`: places the user has just been at in other files, and the files that belong to this one."""

from pathlib import PurePosixPath

from interfix.context.context_source import Chunk, ContextQuery, make_chunk
from interfix.context.named_definitions_chunk import look_up_definitions

AROUND_LINES = 12
"""Lines shown above and below a place the user was at."""
MAX_SIBLINGS = 12
"""Files of the same folder that are looked into."""
_PACKAGE_LANGUAGES = ("go", "java", "kotlin", "scala", "c-sharp")
"""Languages in which the files of a folder see each other's names without an import."""
_HEADER_SUFFIXES = (".h", ".hpp", ".hh", ".hxx")


class VisitsAndSiblingsSource:
    """The newest place is the best; then come the files around, by the names they define."""

    name = "neighbours"

    def find(self, query: ContextQuery) -> list[Chunk]:
        """Places as they stand, then definitions of the folder's files that are named near the cursor."""
        chunks: list[Chunk] = []
        for age, visit in enumerate(query.workspace.recent_locations.list_visits()):
            if query.cancel_event.is_set():
                return chunks
            if visit.path != query.path and (snapshot := query.workspace.read(visit.path)) is not None:
                lines = range(max(0, visit.first_line - AROUND_LINES), visit.last_line + AROUND_LINES + 1)
                chunks.append(make_chunk(visit.path, snapshot, lines, 10.0 - age * 0.5))
        for path in _find_siblings(query):
            if query.cancel_event.is_set():
                break
            snapshot = query.workspace.read(path)
            if (
                snapshot is not None
                and (offered := look_up_definitions(path, snapshot, query.name_weights, query.workspace.index)) is not None
            ):
                chunks.append(offered)
        return chunks


def _find_siblings(query: ContextQuery) -> list[str]:
    """The other files of the package, or the header and the source file that go together."""
    own = PurePosixPath(query.path)
    language = query.snapshot.language.id if query.snapshot.language else ""
    files = [file for file in query.workspace.list_files(query.directory) if file != query.path]
    if language in _PACKAGE_LANGUAGES:
        return [file for file in files if file.endswith(own.suffix) and "_test." not in file][:MAX_SIBLINGS]
    if language in ("c", "cpp"):
        return [file for file in files if PurePosixPath(file).stem == own.stem or file.endswith(_HEADER_SUFFIXES)][:MAX_SIBLINGS]
    return []
