"""Source files of published packages, each pinned to a version and a hash: downloaded once by the registries' clients, and kept."""

import hashlib
import logging
import random
import shutil
import tarfile
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import msgspec

from interfix.errors import UnavailableError
from interfix.syntax.languages import load_languages
from interfix.system.child_process import run_child

_log = logging.getLogger(__name__)

TEXT = "text"
"""What stands for a language where a file is written in none: a README."""
_TEXT_FILES = (".md", ".rst")
_LEAST_BYTES, _MOST_BYTES = 400, 40_000
_LONGEST_LINE = 1000
"""Longer lines are written by programs."""
_SECONDS = 120
_AT_ONCE = 4


class PinnedPackage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A published archive."""

    client: Literal["npm", "pypi", "apt"]
    """Whose registry has it."""
    name: str
    """As the registry knows it."""
    version: str
    """The only one that will do."""
    sha256: str
    """Of the archive, hexadecimal."""

    @property
    def command(self) -> list[str]:
        """What downloads the archive into the working directory."""
        match self.client:
            case "npm":
                return ["npm", "pack", "--ignore-scripts", f"{self.name}@{self.version}"]
            case "apt":
                return ["apt-get", "download", f"{self.name}={self.version}"]
            case "pypi":
                options = ["--quiet", "--no-deps", "--only-binary", ":all:"]
                return ["uv", "tool", "run", "pip", "download", *options, f"{self.name}=={self.version}"]


def load_packages() -> list[PinnedPackage]:
    """The pinned packages, from `packages.toml`."""
    data = (Path(__file__).parent / "packages.toml").read_bytes()
    return msgspec.toml.decode(data, type=dict[str, list[PinnedPackage]])["package"]


def unpack_packages(wanted: list[PinnedPackage], cache: Path) -> list[Path]:
    """The folders of the packages below `cache`; what is not there yet is downloaded and checked against its hash.

    A package that cannot be had is logged and left out. Raises `UnavailableError` where there is none at all.
    """
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        folders = [folder for folder in pool.map(lambda package: _folder(package, cache), wanted) if folder]
    if not folders:
        raise UnavailableError("None of the packages could be downloaded. Name a folder of source files instead.")
    return folders


def source_files(folders: list[Path], most: int, seed: int) -> dict[str, list[Path]]:
    """By language, at most so many source files of the folders; drawn by the seed, in turn from each folder that has some."""
    by_language: dict[str, dict[Path, list[Path]]] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            language = load_languages().find_by_path(str(path))
            name = language.id if language else TEXT if path.suffix in _TEXT_FILES else ""
            if name and _readable(path):
                by_language.setdefault(name, {}).setdefault(folder, []).append(path)
    chance = random.Random(seed)
    return {name: _in_turn(files_by_folder, most, chance) for name, files_by_folder in sorted(by_language.items())}


def _in_turn(files_by_folder: dict[Path, list[Path]], most: int, chance: random.Random) -> list[Path]:
    piles = [chance.sample(paths, len(paths)) for paths in files_by_folder.values()]
    chosen: list[Path] = []
    while any(piles) and len(chosen) < most:
        chosen += [pile.pop() for pile in piles if pile]
    return chosen[:most]


def _readable(path: Path) -> bool:
    if path.is_symlink() or not path.is_file() or not _LEAST_BYTES <= path.stat().st_size <= _MOST_BYTES:
        return False
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError:
        return False
    return max(map(len, text.splitlines()), default=0) <= _LONGEST_LINE


def _folder(package: PinnedPackage, cache: Path) -> Path | None:
    folder = cache / f"{package.name.strip('@').replace('/', '-')}-{package.sha256[:12]}"
    if folder.is_dir():
        return folder
    try:
        with tempfile.TemporaryDirectory(dir=cache) as made:
            archive = _downloaded(package, Path(made))
            _unpack(archive, Path(made) / "unpacked")
            (Path(made) / "unpacked").rename(folder)
    except (OSError, tarfile.TarError, zipfile.BadZipFile, ValueError) as error:
        _log.warning("%s %s is left out: %s", package.client, package.name, error)
        return None
    return folder


def _downloaded(package: PinnedPackage, into: Path) -> Path:
    if shutil.which(package.command[0]) is None:
        raise ValueError(f"there is no {package.command[0]} here")
    _run(package.command, into)
    for archive in into.iterdir():
        if archive.is_file() and hashlib.sha256(archive.read_bytes()).hexdigest() == package.sha256:
            return archive
    raise ValueError("what was downloaded does not have the hash it should have")


def _run(command: list[str] | tuple[str, ...], folder: Path) -> None:
    if (code := run_child(command, _SECONDS, folder=folder).code) != 0:
        raise ValueError(f"{command[0]} took too long" if code is None else f"{command[0]} ended with {code}")


def _unpack(archive: Path, into: Path) -> None:
    into.mkdir()
    if archive.suffix == ".deb":
        _run(["dpkg-deb", "-x", str(archive), str(into)], into)
    elif archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(into)
    else:
        with tarfile.open(archive) as tar:
            tar.extractall(into, filter="data")
