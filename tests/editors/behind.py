"""The processes behind an editor, for who wants to end them."""

import json
import subprocess
from collections.abc import Iterable, Mapping

import psutil

from home import INTERFIX


def engine(environment: Mapping[str, str]) -> psutil.Process:
    """The engine host of a home."""
    status = subprocess.run([INTERFIX, "status", "--json"], env=environment, check=True, capture_output=True).stdout
    return psutil.Process(json.loads(status)["pid"])


def server(processes: Iterable[psutil.Process]) -> psutil.Process:
    """The language server among the processes of an editor."""
    [found] = [process for process in processes if INTERFIX in (command := process.cmdline()) and "serve" in command]
    return found
