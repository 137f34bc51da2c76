"""Work that computes nothing with a model, done in a thread of its own, so that completions need not wait for it."""

import threading
from collections.abc import Callable, Generator
from typing import TypeVar

T = TypeVar("T")

POLL_SECONDS = 0.01
"""So long a completion waits at most for the step that looks whether the work is done."""


def offload(work: Callable[[], T]) -> Generator[None, None, T]:
    """Steps of a job that end when the work has; its result. Raises what the work raises. Closed early, it leaves the work to end
    by itself, so that must be bounded.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # raised where it is waited for
            errors.append(error)

    thread = threading.Thread(target=run, name="side work", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(POLL_SECONDS)
        if thread.is_alive():
            yield None
    if errors:
        raise errors[0]
    return results[0]
