"""Ends a process of ours when the one that started it is gone, however that ended: a killed parent cleans nothing up."""

import os
import threading
import time

import psutil

CHECK_SECONDS = 1.0
"""How often the parent is looked at."""


def exit_with_parent() -> None:
    """From now on this process lives no longer than its parent does, whatever it computes."""
    try:
        parent = psutil.Process(os.getppid())
    except psutil.Error:
        os._exit(1)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: psutil.Process) -> None:
    while parent.is_running() and os.getppid() == parent.pid:
        time.sleep(CHECK_SECONDS)
    os._exit(1)
