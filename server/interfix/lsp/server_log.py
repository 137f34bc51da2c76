"""What of the server goes to its log: no source text at the default level; of a failure, the kind and the place."""

import logging
import traceback

from interfix.config.log_files import log_to_file


def start_logging(level: str) -> None:
    """Send the records of this process to the server's log file."""
    log_to_file("server", level)
    set_level(level)


def set_level(level: str) -> None:
    """Keep records from `level` on."""
    logging.getLogger("interfix").setLevel(level.upper())
    # pygls logs whole messages, and with them the user's code, even where it only reports an error.
    logging.getLogger("pygls").setLevel(logging.DEBUG if level == "debug" else logging.CRITICAL + 1)


def describe_origin(error: BaseException) -> str:
    """The place an error comes from: its innermost frames, without the values its message may hold."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames)) or "an unknown place"
