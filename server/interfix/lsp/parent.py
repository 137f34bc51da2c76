"""Waits for another process to be gone. Knows only its id."""

import asyncio

import psutil

_INTERVAL = 1.0
"""How often to look, seconds."""


def running(pid: int) -> psutil.Process | None:
    """The process that has this id now; None where there is none, as the id may be another namespace's."""
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None


async def gone(process: psutil.Process) -> None:
    """Return when the process has ended, whoever has its id by then."""
    while _alive(process):  # noqa: ASYNC110 (nothing tells of the end of a process that is not our child)
        await asyncio.sleep(_INTERVAL)


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
