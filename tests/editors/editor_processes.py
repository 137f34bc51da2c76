"""The processes behind an editor, for who wants to end them."""

import json
import subprocess
from collections.abc import Iterable, Mapping

import psutil

from tests.isolated_home import INTERFIX_COMMAND


def find_engine_host(environment: Mapping[str, str]) -> psutil.Process:
    """The engine host of a home."""
    status = subprocess.run([INTERFIX_COMMAND, "status", "--json"], env=environment, check=True, capture_output=True).stdout
    return psutil.Process(json.loads(status)["pid"])


def find_language_server(processes: Iterable[psutil.Process]) -> psutil.Process:
    """The language server among the processes of an editor."""
    [server] = [process for process in processes if INTERFIX_COMMAND in (command := process.cmdline()) and "serve" in command]
    return server
