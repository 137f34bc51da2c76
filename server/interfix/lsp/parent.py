"""Waits for another process to be gone. Knows only its id."""

import asyncio

import psutil

_INTERVAL = 1.0
"""How often to look, seconds."""


async def gone(pid: int) -> None:
    """Return when the process has ended; never, if there was none to begin with: its id may be another namespace's."""
    try:
        process = psutil.Process(pid)
    except psutil.NoSuchProcess:
        await asyncio.Event().wait()
    while _alive(process):  # noqa: ASYNC110 (nothing tells of the end of a process that is not our child)
        await asyncio.sleep(_INTERVAL)


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
