"""One rotating log file a kind of process, in the platform's log folder. Knows nothing of what is logged."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from interfix.config.paths import log_dir

MAX_LOG_BYTES = 2 * 2**20
LOG_BACKUPS = 3


def log_file(process: str) -> Path:
    """The newest log of a kind of process: server or engine."""
    return log_dir() / f"{process}.log"


def log_to_file(process: str, level: str) -> None:
    """Send this process's log to its file. Source text is logged at level debug only."""
    handler = RotatingFileHandler(log_file(process), maxBytes=MAX_LOG_BYTES, backupCount=LOG_BACKUPS, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=getattr(logging, level.upper(), logging.INFO), handlers=[handler], force=True)
