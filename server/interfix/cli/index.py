"""`interfix index`: the index of a folder brought up to date in the foreground."""

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from interfix.cli.cli_settings import load_settings
from interfix.cli.options import JsonOption
from interfix.context.exclusion import Exclusion
from interfix.context.index import WorkspaceIndex
from interfix.errors import UnavailableError, UsageError
from interfix.output.console_output import write_json, write_message


class IndexReport(msgspec.Struct, frozen=True):
    """What `interfix index` tells."""

    files: int
    """Files in the index."""
    seconds: float
    """Time until it was true of the folder."""
    cpu_seconds: float
    """Processor time of its worker."""
    worker_bytes: int
    """Resident memory of its worker at the end."""
    disk_bytes: int
    """Size of the database."""


def index(
    folder: Annotated[Path, typer.Argument(help="The workspace folder.")] = Path(),
    from_scratch: Annotated[
        bool, typer.Option("--from-scratch", help="Build it anew, in a temporary place: for measuring.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Bring the index of a workspace folder up to date, which the server does by itself, and tell what it costs."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder. Name the folder of a workspace.")
    with tempfile.TemporaryDirectory(prefix="interfix-index-") as temporary:
        report = asyncio.run(_build_index(folder.resolve(), Path(temporary) if from_scratch else None))
    if json:
        write_json(report)
    else:
        costs = (
            f"{report.seconds:.1f} s ({report.cpu_seconds:.1f} s of one processor), {report.worker_bytes / 2**20:.0f} MB of memory"
        )
        write_message(f"{report.files} files: {costs}, {report.disk_bytes / 2**20:.0f} MB on the disk.")


async def _build_index(folder: Path, directory: Path | None) -> IndexReport:
    exclusion = Exclusion(folder, load_settings(str(folder / "any")).context)
    if not exclusion.trusted:
        raise UnavailableError(f"{folder} is not trusted (context.trusted), so there is no index of it.")
    index = WorkspaceIndex(folder, exclusion, directory)
    began = time.perf_counter()
    await index.start()
    try:
        while not index.status.current:
            await index.wait_for_status()
        status = index.status
        return IndexReport(status.files, time.perf_counter() - began, status.cpu_seconds, status.memory_bytes, index.disk_bytes)
    finally:
        await index.close()
