"""What a document is called: by the sources of context, for which a name stands for one file, and in prompts."""

from pathlib import Path, PurePath
from urllib.parse import unquote

from interfix.syntax.document_key import is_part_of_file, locate_in_folder
from interfix.syntax.ending_by_language import find_file_ending
from interfix.syntax.languages import load_languages
from interfix.syntax.snapshot import Snapshot

_UNSAVED = "untitled"
_NOTEBOOK_FORMAT = "json"
"""The language of a notebook's file as it lies on the disk."""


def make_display_path(snapshot: Snapshot, root: Path | None) -> str:
    """The file's path below `root`, or its name alone; a model is not shown where on the disk a workspace is."""
    if not snapshot.path:
        return _make_unsaved_name(snapshot)
    path = PurePath(snapshot.path)
    if root is not None and snapshot.path and not path.is_relative_to(root):
        path = PurePath(locate_in_folder(snapshot.path, (root,)))
    display_path = path.relative_to(root).as_posix() if root is not None and path.is_relative_to(root) else path.name
    return display_path.encode(errors="replace").decode()  # a name may be no text


def make_prompt_path(snapshot: Snapshot, root: Path | None) -> str:
    """What a model is shown as the path of a document: as above, but for a notebook's code that of a source file."""
    return name_as_source(make_display_path(snapshot, root), snapshot)


def name_as_source(path: str, snapshot: Snapshot) -> str:
    """The path of a document or, where that is a notebook's and the text its code, the path with the ending of a source file.

    A base model goes on as files of such a name do: in an `.ipynb` it has read JSON.
    """
    language_id = _find_language_id(snapshot)
    is_code = snapshot.has_magics and (language_id != _NOTEBOOK_FORMAT or is_part_of_file(snapshot.uri))
    ending = find_file_ending(language_id) if is_code else ""
    path_language = load_languages().find_by_path(path)
    if not ending or path.endswith(ending) or (path_language is not None and path_language == snapshot.language):
        return path
    return path.removesuffix(PurePath(path).suffix) + ending


def _make_unsaved_name(snapshot: Snapshot) -> str:
    """What a document that has no file yet is called, with an ending that tells its language."""
    name = unquote(snapshot.uri.partition(":")[2].partition("#")[0].rpartition("/")[2]) or _UNSAVED
    display_name = name if PurePath(name).suffix else name + find_file_ending(_find_language_id(snapshot))
    return display_name.encode(errors="replace").decode()


def _find_language_id(snapshot: Snapshot) -> str:
    return snapshot.language.ids[0] if snapshot.language else snapshot.language_id
