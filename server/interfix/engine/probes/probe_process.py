"""Runs a probe that may crash in a process of its own."""

import sys

from interfix.system.child_process import ChildResult, run_child

PROBE_TIMEOUT_SECONDS = 300
"""A probe that takes longer hangs; a large model on a slow disk loads well within it."""


def run_probe(name: str, *arguments: str) -> ChildResult:
    """Run the module `name` of this folder; its code is None where it was not done in time."""
    return run_child([sys.executable, "-P", "-m", f"{__package__}.{name}", *arguments], PROBE_TIMEOUT_SECONDS)
