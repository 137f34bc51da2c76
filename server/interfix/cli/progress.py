"""Shows a pull as a bar on stderr: where it comes from, how much is there, how long it will take. Knows no source."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from interfix.models.pull import Progress as Report
from interfix.output.terminal import Console


@contextmanager
def pull_bar(name: str) -> Iterator[Report]:
    """A bar for one model; it appears with the first bytes."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=32),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks = {}

        def report(source: str, done: int, total: int) -> None:
            if source not in tasks:
                tasks[source] = bars.add_task(f"{name} ({source})", total=total)
            bars.update(tasks[source], completed=done, total=total)

        yield report
