"""Waits for another process to exit."""

import asyncio

import psutil

_POLL_SECONDS = 1.0
"""How often to look, seconds."""


def find_process(pid: int) -> psutil.Process | None:
    """The process that has this id now; None where there is none, as the id may be another namespace's."""
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None


async def wait_for_exit(process: psutil.Process) -> None:
    """Return when the process has ended, whoever has its id by then."""
    while _is_alive(process):  # noqa: ASYNC110 (nothing tells of the end of a process that is not our child)
        await asyncio.sleep(_POLL_SECONDS)


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
