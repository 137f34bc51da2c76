"""Standard input and output for the client alone: nothing else in this process can read or write them."""

import asyncio
import contextlib
import os
import sys
import threading
from queue import SimpleQueue

_FLUSH_SECONDS = 5.0
"""How long the last messages may take to leave, seconds."""


class StdoutWriter:
    """Writes to a descriptor in a thread of its own, so that a client that does not read cannot keep us from reading."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._queue: SimpleQueue[bytes] = SimpleQueue()
        self._thread = threading.Thread(target=self._drain, name="lsp-out", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Send `data` after all that was written before it."""
        self._queue.put(data)

    def close(self) -> None:
        """Wait until all has left, within reason, and close the descriptor."""
        self._queue.put(b"")
        self._thread.join(_FLUSH_SECONDS)

    def _drain(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._queue.get():
                while data:
                    data = data[os.write(self._fd, data) :]
        os.close(self._fd)


def claim_stdio() -> tuple[asyncio.StreamReader, StdoutWriter]:
    """Take the client's two streams; afterwards stray output goes to standard error and standard input is empty.

    Call once, within the running loop.
    """
    incoming, outgoing = os.dup(0), os.dup(1)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(incoming, os.O_BINARY)
        msvcrt.setmode(outgoing, os.O_BINARY)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    try:
        os.dup2(2, 1)
    except OSError:
        os.dup2(nothing, 1)
    os.close(nothing)
    sys.stdout = sys.stderr
    return _start_reader(incoming), StdoutWriter(outgoing)


def _start_reader(fd: int) -> asyncio.StreamReader:
    """A stream of what arrives at `fd`; its thread is a daemon, for a read cannot be interrupted."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(loop=loop)

    def pump() -> None:
        with contextlib.suppress(RuntimeError):
            with contextlib.suppress(OSError):
                while data := os.read(fd, 1 << 16):
                    loop.call_soon_threadsafe(reader.feed_data, data)
            loop.call_soon_threadsafe(reader.feed_eof)

    threading.Thread(target=pump, name="lsp-in", daemon=True).start()
    return reader
