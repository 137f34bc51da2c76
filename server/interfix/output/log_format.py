"""Formats log records: one line each, so that no text looks like another record, with control characters escaped."""

import logging

from interfix.output.control_characters import escape_control_characters


class LogFormatter(logging.Formatter):
    """Time, process, level and logger before the message; line ends in a message are shown as `\\n`.

    A traceback, which is only logged where somebody looks for a defect, keeps its lines, indented.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's own name)
        """The line of a record."""
        return escape_control_characters(super().formatMessage(record).replace("\n", "\\n"))

    def formatException(self, ei: object) -> str:  # noqa: N802
        """A traceback, each line indented."""
        text: str = super().formatException(ei)  # type: ignore[arg-type]
        return "\n".join(f"    {escape_control_characters(line)}" for line in text.split("\n"))
