"""Runs the probe of a model's roles in a process of its own, where a crash hurts nobody, and remembers what it shows."""

from pathlib import Path

import msgspec

from interfix.engine.probes.probe_process import PROBE_TIMEOUT_SECONDS, run_probe
from interfix.errors import UnavailableError
from interfix.models import role_probe_store
from interfix.models.model_header import read_header
from interfix.models.role_probe_store import ProbeResult


def probe_roles(path: Path) -> ProbeResult:
    """Load the model, have it fill holes and answer a question, and keep the outcome: roles that failed are refused from now on.

    Takes as long as loading it and some seconds. Raises `UsageError` where the file is no model, and `UnavailableError` where it
    cannot
    be run at all, which says nothing of its roles.
    """
    read_header(path)
    ended = run_probe("role_probe_main", str(path.absolute()))
    if ended.code is None:
        raise UnavailableError(f"{path.name} could not be probed: it was not done after {PROBE_TIMEOUT_SECONDS} s.")
    if ended.code:
        last_line = ended.errors.decode(errors="replace").strip().splitlines()[-1:]
        raise UnavailableError(f"{path.name} could not be probed: {' '.join(last_line) or f'its process died (code {ended.code})'}")
    outcome = msgspec.json.decode(ended.output, type=ProbeResult)
    role_probe_store.remember_result(path, outcome)
    return outcome
