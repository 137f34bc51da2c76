"""Where things are kept, by the platform's own conventions (platformdirs). Creates what it names, readable by this user only.

In a home that cannot be written, state, caches and logs are kept below the system's temporary folder: Interfix works and forgets.
Where that cannot be written either, a folder may not be there.
"""

import contextlib
import os
import shutil
import tempfile
import warnings
from pathlib import Path

from platformdirs import PlatformDirs

from interfix.config.private_files import make_private_folder

_DIRS = PlatformDirs("interfix", appauthor=False)


def config_file() -> Path:
    """The user's `config.toml`; need not exist."""
    return _DIRS.user_config_path / "config.toml"


def models_dir(configured: str = "") -> Path:
    """The folder of model files; `configured` (settings.models.directory) wins. Missing where it cannot be made."""
    folder = Path(configured).expanduser() if configured else _DIRS.user_data_path / "models"
    with contextlib.suppress(OSError):  # models are looked for all the same, and who wants to add one is told
        if configured:
            folder.mkdir(parents=True, exist_ok=True)  # the user's own, who may share it
        else:
            make_private_folder(folder)
    return folder


def libraries_dir(configured: str = "") -> Path:
    """The folder of llama.cpp's libraries; `configured` (settings.engine.directory) wins. Need not exist."""
    return Path(configured).expanduser() if configured else _DIRS.user_data_path / "llama.cpp"


def state_dir() -> Path:
    """What was measured or chosen on this machine and should outlive a session."""
    return _make_writable_folder(_DIRS.user_state_path, "state")


def cache_dir() -> Path:
    """What can be made again at the price of some work."""
    return _make_writable_folder(_DIRS.user_cache_path, "cache")


def log_dir() -> Path:
    """Rotating logs, one a process kind."""
    return _make_writable_folder(_DIRS.user_log_path, "log")


def runtime_dir() -> Path:
    """Sockets and locks: private to this user, gone after a reboot.

    Falls back to a folder under the system's temporary one where the platform's cannot be written or its path leaves no room for a
    socket name (Unix sockets allow 108 bytes in all).
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs tells of a missing XDG_RUNTIME_DIR; its fallback suits us
        preferred = _DIRS.user_runtime_path
    if len(os.fsencode(preferred)) < 80:
        try:
            return _make_private_dir(preferred)
        except OSError:
            pass
    return _make_temporary_dir()


def measure_free_bytes(folder: Path) -> int:
    """Room for new files in a folder, bytes; 0 where nothing can be written there."""
    try:
        return shutil.disk_usage(folder).free if os.access(folder, os.W_OK) else 0
    except OSError:
        return 0


def _make_writable_folder(preferred: Path, name: str) -> Path:
    with contextlib.suppress(OSError):
        make_private_folder(preferred)
        if os.access(preferred, os.W_OK):
            return preferred
    try:
        return make_private_folder(_make_temporary_dir() / name)
    except OSError:
        return preferred  # whoever writes there finds out, and goes on without


def _make_temporary_dir() -> Path:
    return _make_private_dir(Path(tempfile.gettempdir()) / f"interfix-{os.getuid() if hasattr(os, 'getuid') else os.getlogin()}")


def _make_private_dir(path: Path) -> Path:
    """The folder, made where it is missing. Raises `PermissionError` where it belongs to another user."""
    make_private_folder(path)
    if hasattr(os, "getuid") and path.lstat().st_uid != os.getuid():
        raise PermissionError(f"{path} belongs to another user")
    return path
