"""Finds the user's engine host, or starts one: exactly one, also when several clients want it at once."""

import asyncio
import contextlib
import logging
import sys
from pathlib import Path

import psutil

from interfix import __version__
from interfix.config.log_files import locate_log_file
from interfix.config.private_files import create_async_lock, open_log
from interfix.config.settings_loader import resolve_settings
from interfix.engine import ipc_messages, ipc_socket
from interfix.engine.llamacpp.library_selection import prepare_library
from interfix.errors import UnavailableError
from interfix.system.child_process import end_family, start_detached

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
    """The host that runs this code.

    Raises `UnavailableError` where none can be started.
    """
    try:
        greeted = await find_host()
        if greeted is None:
            async with create_async_lock(ipc_socket.locate_lock_file()):
                greeted = await find_host() or await _start_host()
    except OSError as error:
        location = f" in {error.filename}" if error.filename else ""
        why = f"{error.strerror or type(error).__name__}{location}"
        raise UnavailableError(f"The engine cannot be started: {why}. Make room there, or mend its permissions.") from error
    return greeted


async def find_host() -> HostConnection | None:
    """The host of this code, if one runs."""
    return await _greet()


async def shut_down_hosts() -> int:
    """Ask every host of this user to end, of whatever code, and wait until they have; how many there were."""
    hosts = [host for address in ipc_socket.list_addresses() if (host := await _greet(address)) is not None]
    await asyncio.gather(*(_shut_down_host(reader, writer) for reader, writer, _ in hosts))
    return len(hosts)


async def count_other_hosts() -> int:
    """How many hosts of other code this user runs now."""
    count = 0
    for address in ipc_socket.list_addresses():
        if not ipc_socket.is_own(address) and (host := await _greet(address)) is not None:
            host[1].close()
            count += 1
    return count


async def _greet(address: Path | None = None) -> HostConnection | None:
    try:
        (reader, writer), secret = await ipc_socket.connect(address)
    except OSError:
        return None
    writer.write(ipc_messages.encode_frame(ipc_messages.Hello(version=__version__, secret=secret)))
    try:
        async with asyncio.timeout(START_SECONDS):
            welcome = await ipc_messages.read_message(reader, ipc_messages.host_decoder)
    except TimeoutError:
        welcome = None
    if isinstance(welcome, ipc_messages.Welcome):
        return reader, writer, welcome.pid
    writer.close()
    return None


def kill_host(pid: int) -> None:
    """End a host that does not answer, if the process is still one and no debugger may have stopped it."""
    with contextlib.suppress(psutil.Error):
        command = psutil.Process(pid).cmdline()
        if HOST_MODULE in command and "debugpy" not in command:
            end_family(pid)


async def _shut_down_host(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Ask a host to end, and wait until its side of the connection is closed."""
    writer.write(ipc_messages.encode_frame(ipc_messages.StopHost()))
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(END_SECONDS):
            while await reader.read(4096):
                pass
    writer.close()


async def _start_host() -> HostConnection:
    # The host would fetch the library itself, but has not so much time to start.
    await asyncio.to_thread(prepare_library, resolve_settings().settings.engine)
    log.info("starting an engine host")
    with open_log(locate_log_file("engine-crash")) as crash:
        process = start_detached([sys.executable, "-P", "-m", HOST_MODULE], crash)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(START_SECONDS):
            while process.returncode is None:
                greeted = await find_host()
                if greeted is not None:
                    return greeted
                await asyncio.sleep(POLL_SECONDS)
    raise UnavailableError(f"The engine could not be started; {locate_log_file('engine-crash')} says why.")
