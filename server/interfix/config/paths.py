"""Where things are kept, by the platform's own conventions (platformdirs). Creates what it names, readable by this user only."""

import os
import tempfile
import warnings
from pathlib import Path

from platformdirs import PlatformDirs

_DIRS = PlatformDirs("interfix", appauthor=False)


def config_file() -> Path:
    """The user's `config.toml`; need not exist."""
    return _DIRS.user_config_path / "config.toml"


def models_dir(configured: str = "") -> Path:
    """The folder of model files; `configured` (settings.models.directory) wins."""
    return _make_dir(Path(configured).expanduser() if configured else _DIRS.user_data_path / "models")


def libraries_dir(configured: str = "") -> Path:
    """The folder of llama.cpp's libraries; `configured` (settings.engine.directory) wins. Need not exist."""
    return Path(configured).expanduser() if configured else _DIRS.user_data_path / "llama.cpp"


def state_dir() -> Path:
    """What was measured or chosen on this machine and should outlive a session."""
    return _make_dir(_DIRS.user_state_path)


def cache_dir() -> Path:
    """What can be made again at the price of some work."""
    return _make_dir(_DIRS.user_cache_path)


def log_dir() -> Path:
    """Rotating logs, one a process kind."""
    return _make_dir(_DIRS.user_log_path)


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


def _make_dir(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def _make_private_dir(path: Path) -> Path:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if hasattr(os, "getuid"):
        status = path.stat()
        if status.st_uid != os.getuid():
            raise PermissionError(f"{path} belongs to another user")
        if status.st_mode & 0o077:
            path.chmod(0o700)
    return path
