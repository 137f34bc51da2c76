"""What the server logs: no source text at the default level; of a failure, the kind and the place."""

import logging

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
