"""One rotating log file a kind of process, in the platform's log folder. It contains source text at level debug only."""

import logging
import traceback
from pathlib import Path

from interfix.config.paths import log_dir
from interfix.config.private_files import PrivateLogHandler
from interfix.output.log_format import LogFormatter

MAX_LOG_BYTES = 2 * 2**20
LOG_BACKUPS = 3


def locate_log_file(process: str) -> Path:
    """The newest log of a kind of process: server or engine."""
    return log_dir() / f"{process}.log"


def log_to_file(process: str, level: str) -> None:
    """Send this process's log to its file."""
    handler = PrivateLogHandler(
        locate_log_file(process), maxBytes=MAX_LOG_BYTES, backupCount=LOG_BACKUPS, encoding="utf-8", delay=True
    )
    handler.setFormatter(_ValueFreeFormatter())
    logging.basicConfig(level=getattr(logging, level.upper(), logging.INFO), handlers=[handler], force=True)


def describe_origin(error: BaseException) -> str:
    """The place an error comes from: its innermost frames, without the values its message may hold."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames)) or "an unknown place"


class _ValueFreeFormatter(LogFormatter):
    """Tells of an error its kind and its place: messages of errors, and asyncio's of forgotten tasks, may quote somebody's code."""

    def format(self, record: logging.LogRecord) -> str:
        if _tells_values():
            return super().format(record)
        untraced = logging.makeLogRecord({**record.__dict__, "exc_text": None, "stack_info": None})
        if record.name == "asyncio":
            untraced.msg, untraced.args = "an error in a task or a callback that nobody awaits", None
        return super().format(untraced)

    def formatException(self, ei: object) -> str:  # noqa: N802 (the name is logging's)
        error = ei[1] if isinstance(ei, tuple) else None
        if _tells_values() or not isinstance(error, BaseException):
            return super().formatException(ei)
        return f"{type(error).__name__} at {describe_origin(error)}"


def _tells_values() -> bool:
    return logging.getLogger("interfix").isEnabledFor(logging.DEBUG)
