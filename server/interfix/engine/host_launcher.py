"""Finds the user's engine host, or starts one: exactly one, also when several clients want it at once. Knows no request."""

import asyncio
import contextlib
import logging
import subprocess
import sys
import threading

import psutil
from filelock import AsyncFileLock

from interfix import __version__
from interfix.config.log_files import log_file
from interfix.config.settings_loader import resolve_settings
from interfix.engine import ipc_address, ipc_messages
from interfix.engine.llamacpp.selection import ensure
from interfix.errors import UnavailableError

log = logging.getLogger(__name__)

START_SECONDS = 60
"""A host listens before it loads anything; only a machine on its knees takes longer."""
HOST_MODULE = "interfix.engine.host"
END_SECONDS = 10
"""A host that was asked to stop has this long before another takes its address."""
POLL_SECONDS = 0.02

HostConnection = tuple[asyncio.StreamReader, asyncio.StreamWriter, int]
"""Streams to a host, and its process id."""


async def find_or_start_host() -> HostConnection:
    """A host of this version; an older or newer one is asked to end first.

    Raises `Unavailable` where none can be started.
    """
    greeted = await find_host()
    if greeted is None:
        async with AsyncFileLock(ipc_address.locate_lock_file()):
            greeted = await find_host() or await _start_host()
    return greeted


async def find_host() -> HostConnection | None:
    """The host of this version that runs now, if one does; one of another version is asked to end."""
    try:
        (reader, writer), secret = await ipc_address.connect()
    except OSError:
        return None
    writer.write(ipc_messages.encode_frame(ipc_messages.Hello(version=__version__, secret=secret)))
    try:
        async with asyncio.timeout(START_SECONDS):
            welcome = await ipc_messages.read_message(reader, ipc_messages.host_decoder)
    except TimeoutError:
        welcome = None
    if isinstance(welcome, ipc_messages.Welcome):
        if welcome.version == __version__:
            return reader, writer, welcome.pid
        log.info("replacing the engine host of version %s", welcome.version)
        await shut_down_host(reader, writer)
    writer.close()
    return None


def kill_host(pid: int) -> None:
    """End a host that does not answer, if the process is still one."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        if HOST_MODULE in process.cmdline():
            process.kill()


async def shut_down_host(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Ask a host to end, and wait until its side of the connection is closed."""
    writer.write(ipc_messages.encode_frame(ipc_messages.StopHost()))
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(END_SECONDS):
            while await reader.read(4096):
                pass
    writer.close()


async def _start_host() -> HostConnection:
    # The host would fetch the library itself, but has not so much time to start.
    await asyncio.to_thread(ensure, resolve_settings().settings.engine)
    log.info("starting an engine host")
    with log_file("engine-crash").open("ab") as crash:
        process = subprocess.Popen(  # noqa: ASYNC220 (it outlives the event loop, which asyncio's own would not allow)
            [sys.executable, "-P", "-m", HOST_MODULE],
            stdin=subprocess.DEVNULL,
            stdout=crash,
            stderr=crash,
            start_new_session=True,
        )
    threading.Thread(target=process.wait, daemon=True).start()  # reaps it, however long this process lives on
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(START_SECONDS):
            while process.returncode is None:
                greeted = await find_host()
                if greeted is not None:
                    return greeted
                await asyncio.sleep(POLL_SECONDS)
    raise UnavailableError(f"The engine could not be started; {log_file('engine-crash')} says why.")
