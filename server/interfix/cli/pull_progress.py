"""Shows downloads as bars on stderr: where they come from, how much is there, how long they will take."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from interfix.models.pull import PullProgress as Report
from interfix.output.console_output import Console


@contextmanager
def pull_bars() -> Iterator[Callable[[str], Report]]:
    """Bars beside each other; a call with a name makes one, which appears with the first bytes."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=32),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        yield lambda name: _bar(bars, name)


@contextmanager
def show_pull_bar(name: str) -> Iterator[Report]:
    """One bar."""
    with pull_bars() as bar:
        yield bar(name)


def _bar(bars: Progress, name: str) -> Report:
    tasks: dict[str, TaskID] = {}

    def report(source: str, done: int, total: int) -> None:
        if source not in tasks:
            tasks[source] = bars.add_task(f"{name} ({source})", total=total or None)
        bars.update(tasks[source], completed=done, total=total or None)

    return report
