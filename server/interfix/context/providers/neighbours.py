"""`neighbours`: places the user has just been at in other files, and the files that belong to this one. Knows no index."""

from pathlib import PurePosixPath

from interfix.context.named import named
from interfix.context.place import Chunk, Place, chunk

AROUND_LINES = 12
"""Lines shown above and below a place the user was at."""
MOST_SIBLINGS = 12
"""Files of the same folder that are looked into."""
_PACKAGES = ("go", "java", "kotlin", "scala", "c-sharp")
"""Languages in which the files of a folder see each other's names without an import."""
_HEADERS = (".h", ".hpp", ".hh", ".hxx")


class Neighbours:
    """The newest place is the best; then come the files around, by the names they define."""

    name = "neighbours"

    def find(self, place: Place) -> list[Chunk]:
        """Places as they stand, then definitions of the folder's files that are named near the cursor."""
        found: list[Chunk] = []
        for age, visit in enumerate(place.workspace.visits.places()):
            if place.over.is_set():
                return found
            if visit.path != place.path and (snapshot := place.workspace.read(visit.path)) is not None:
                lines = range(max(0, visit.first - AROUND_LINES), visit.last + AROUND_LINES + 1)
                found.append(chunk(visit.path, snapshot, lines, 10.0 - age * 0.5))
        for path in _siblings(place):
            if place.over.is_set():
                break
            snapshot = place.workspace.read(path)
            if snapshot is not None and (offered := named(path, snapshot, place.names)) is not None:
                found.append(offered)
        return found


def _siblings(place: Place) -> list[str]:
    """The other files of the package, or the header and the source file that go together."""
    own = PurePosixPath(place.path)
    language = place.snapshot.language.id if place.snapshot.language else ""
    files = [file for file in place.workspace.folder(place.directory) if file != place.path]
    if language in _PACKAGES:
        return [file for file in files if file.endswith(own.suffix) and "_test." not in file][:MOST_SIBLINGS]
    if language in ("c", "cpp"):
        return [file for file in files if PurePosixPath(file).stem == own.stem or file.endswith(_HEADERS)][:MOST_SIBLINGS]
    return []
