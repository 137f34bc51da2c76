"""The folder of model files: which are in it, which are verified, which may be removed."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
from rapidfuzz import process

from interfix.config.state_file import StateFile
from interfix.errors import UsageError
from interfix.inference_types import Role
from interfix.models import catalog, role_check
from interfix.models.catalog import CatalogEntry
from interfix.models.gguf_shards import list_shards
from interfix.system.file_reader import has_text_name, is_regular


class InstalledModel(msgspec.Struct, frozen=True):
    """A model file in the models folder."""

    name: str
    """Catalog name, or the file's stem for a file of the user's own."""
    path: str
    """Absolute path of the file."""
    bytes: int
    """Size of the file."""
    roles: tuple[Role, ...]
    """The roles it can serve; empty where the file is damaged."""
    problem: str = ""
    """A sentence where the file is damaged or no model."""


def find_installed(directory: Path, entry: CatalogEntry) -> Path | None:
    """The entry's file in `directory`, if it is there and is what the catalog says.

    A file that was put there by hand is hashed once (seconds for a gigabyte), then its size and time stand for its hash.
    """
    path = directory / entry.file
    if not path.is_file():
        return None
    verified_hash = _read_verified_hash(path)
    if verified_hash is not None:
        return path if entry.sha256 in ("", verified_hash) else None
    if entry.sha256:
        if path.stat().st_size != entry.bytes or (digest := hash_file(path)) != entry.sha256:
            return None
        remember_verified(path, digest)
        return path
    try:
        check_roles(entry, path)
    except UsageError:
        return None
    return path


def list_installed(directory: Path) -> tuple[InstalledModel, ...]:
    """Every GGUF file of `directory`, by name: the catalog's and the user's own."""
    names = {entry.file: entry.name for entry in catalog.list_entries()}
    here = [path for path in directory.glob("*.gguf") if is_regular(path)]
    # Of a model in several files the first one is listed, or where that is missing the next.
    first = {list_shards(path)[0]: path for path in sorted(here, reverse=True)}
    models = [_describe_file(names.get(path.name, path.stem), path) for path in first.values()]
    return tuple(sorted(models, key=lambda model: model.name))


QUANTISATIONS = ("Q4_0", "Q8_0")
"""How tuning may store a model's weights instead."""


def remove(name: str, directory: Path) -> Path:
    """Delete a model's file from `directory` with what was begun of it, and tell which it was.

    Raises `UsageError` where there is nothing to delete.
    """
    here = {model.name: Path(model.path) for model in list_installed(directory)}
    begun = {entry.name: directory / entry.file for entry in catalog.list_entries() if list_partials(directory, entry)}
    path = (begun | here).get(name)
    if path is None:
        nearest = process.extractOne(name, list(here))
        hint = f"The nearest is {nearest[0]}." if nearest else "There are no models in it."
        raise UsageError(f"There is no model called {name} in {directory}. {hint}")
    for leftover in (
        *list_shards(path),
        _locate_record(path),
        *_list_partials(path),
        *(locate_requantised(path, each) for each in QUANTISATIONS),
    ):
        leftover.unlink(missing_ok=True)
    return path


def locate_requantised(path: Path, quantisation: str) -> Path:
    """Where tuning puts a model whose weights it stores another way."""
    return path.parent / "tuned" / f"{path.stem}.{quantisation.lower()}.gguf"


def check_roles(entry: CatalogEntry, path: Path) -> None:
    """Raise `UsageError` or `RoleMismatchError` where the file is no model or cannot serve a role that the catalog promises."""
    if Role.BASE in entry.roles:
        role_check.check_base(entry.name, path)
    if Role.INSTRUCT in entry.roles:
        role_check.check_instruct(entry.name, path)


def locate_partial(directory: Path, entry: CatalogEntry, sha256: str) -> Path:
    """Where the bytes of a pull are gathered. Named by their hash: whatever is in it is the beginning of just that file."""
    return directory / f"{entry.file}.{sha256[:8]}.partial"


def list_partials(directory: Path, entry: CatalogEntry) -> list[Path]:
    """What pulls of the entry have left unfinished."""
    return _list_partials(directory / entry.file)


def hash_file(path: Path, report: Callable[[int], None] = lambda _: None) -> str:
    """SHA-256 of a file in lower-case hex; `report` is told how many bytes are done."""
    running = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(8 << 20):
            running.update(chunk)
            report(file.tell())
    return running.hexdigest()


def remember_verified(path: Path, sha256: str) -> None:
    """Write down that the file as it stands has this hash, so that nobody has to hash it again."""
    status = path.stat()
    _open_record(path).write(_VerifiedRecord(sha256, status.st_size, status.st_mtime_ns))


class _VerifiedRecord(msgspec.Struct, frozen=True):
    sha256: str
    size: int
    mtime_ns: int


def _locate_record(path: Path) -> Path:
    return path.with_name(path.name + ".verified.json")


def _open_record(path: Path) -> StateFile[_VerifiedRecord | None]:
    return StateFile(_locate_record(path), _VerifiedRecord | None, lambda: None)


def _read_verified_hash(path: Path) -> str | None:
    """The remembered hash of a file that has not been touched since."""
    if (seen := _open_record(path).read()) is None:
        return None
    status = path.stat()
    return seen.sha256 if (seen.size, seen.mtime_ns) == (status.st_size, status.st_mtime_ns) else None


def _list_partials(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}.*.partial"))


def _describe_file(name: str, path: Path) -> InstalledModel:
    path_text, size = str(path.absolute()), 0
    try:
        if not has_text_name(path_text):
            name, path_text = (os.fsencode(text).decode("utf-8", "replace") for text in (name, path_text))
            raise UsageError(f"{path_text} has a name that is not UTF-8. Rename it.")
        size = sum(shard.stat().st_size for shard in list_shards(path) if is_regular(shard))
        return InstalledModel(name, path_text, size, tuple(role for role in Role if not role_check.find_refusal(name, path, role)))
    except UsageError as error:
        return InstalledModel(name, path_text, size, (), str(error))
    except OSError as error:
        return InstalledModel(name, path_text, size, (), f"{path_text} cannot be read: {error.strerror}.")
