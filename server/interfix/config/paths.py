"""Where things are kept, by the platform's own conventions (platformdirs). Creates what it names, readable by this user only."""

import os
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
    """The folder of model files; `configured` (settings.models.directory) wins."""
    if not configured:
        return make_private_folder(_DIRS.user_data_path / "models")
    folder = Path(configured).expanduser()
    folder.mkdir(parents=True, exist_ok=True)  # the user's own, who may share it
    return folder


def libraries_dir(configured: str = "") -> Path:
    """The folder of llama.cpp's libraries; `configured` (settings.engine.directory) wins. Need not exist."""
    return Path(configured).expanduser() if configured else _DIRS.user_data_path / "llama.cpp"


def state_dir() -> Path:
    """What was measured or chosen on this machine and should outlive a session."""
    return make_private_folder(_DIRS.user_state_path)


def cache_dir() -> Path:
    """What can be made again at the price of some work."""
    return make_private_folder(_DIRS.user_cache_path)


def log_dir() -> Path:
    """Rotating logs, one a process kind."""
    return make_private_folder(_DIRS.user_log_path)


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
    return _make_private_dir(Path(tempfile.gettempdir()) / f"interfix-{os.getuid() if hasattr(os, 'getuid') else os.getlogin()}")


def _make_private_dir(path: Path) -> Path:
    """The folder, made where it is missing. Raises `PermissionError` where it belongs to another user."""
    make_private_folder(path)
    if hasattr(os, "getuid") and path.lstat().st_uid != os.getuid():
        raise PermissionError(f"{path} belongs to another user")
    return path
