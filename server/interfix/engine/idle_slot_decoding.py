"""What is done for the documents' caches while nobody waits: room for the next keystrokes, prompts that were put off, suffixes that
keystrokes have left behind.
"""

import asyncio
from collections.abc import Callable
from typing import TypeGuard

from interfix.engine import inference_jobs
from interfix.engine.decode_loop import Steps
from interfix.engine.model_pool import LoadedModel, ModelPool
from interfix.engine.protocol import EngineRequest, InfillRequest
from interfix.engine.scheduler import Job, JobPriority
from interfix.inference_types import Role

REFRESH_AFTER_SECONDS = 0.6
"""So long after a document's last completion nobody is typing there: time to bring its cache up to date."""

_UpkeepSteps = Callable[[LoadedModel, InfillRequest], Steps]


class Upkeep:
    """Each document has its own pause: several editor windows share a host. For the host's event loop."""

    def __init__(self, submit: Callable[[Job], None], model_pool: ModelPool) -> None:
        self._submit = submit
        self._model_pool = model_pool
        self._newest: dict[str, InfillRequest] = {}
        """The last request of each document, until its cache is up to date."""
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def begin_request(self, request: EngineRequest) -> None:
        """A request has come: what was to be done for the one before it is not wanted any more.

        One that reads ahead leaves that alone.
        """
        if not _is_followed(request):
            return
        if request.is_ahead and (newest := self._newest.get(request.document)) and not newest.is_ahead:
            return
        self._newest[request.document] = request
        self._cancel_timer(request.document)

    def end_request(self, request: EngineRequest) -> None:
        """It has ended. Nothing is done where the next one has come meanwhile: its text is another."""
        if _is_followed(request) and self._newest.get(request.document) is request:
            self._submit_job(request, inference_jobs.open_gap)
            self._submit_job(request, inference_jobs.decode_full_prompt)
            self._wait_for_pause(request)

    def close(self) -> None:
        """Begin nothing more."""
        for document in list(self._timers):
            self._cancel_timer(document)
        self._newest.clear()

    def _wait_for_pause(self, request: InfillRequest) -> None:
        loop = asyncio.get_running_loop()
        self._timers[request.document] = loop.call_later(REFRESH_AFTER_SECONDS, self._refresh, request, loop)

    def _refresh(self, request: InfillRequest, loop: asyncio.AbstractEventLoop) -> None:
        """Bring the cache up to date. A completion anywhere ends that; then it is done in the next pause."""
        self._timers.pop(request.document, None)
        self._submit_job(request, inference_jobs.decode_full_prompt)  # the same may have ended so, right after the answer
        last = self._make_job(request, inference_jobs.refresh_suffix)

        def go_on(_error: BaseException | None) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._end_refresh, request, last)

        last.on_end = go_on
        self._submit(last)

    def _end_refresh(self, request: InfillRequest, job: Job) -> None:
        if self._newest.get(request.document) is not request:
            return
        if job.is_cancelled:
            self._wait_for_pause(request)
        else:
            del self._newest[request.document]

    def _submit_job(self, request: InfillRequest, make_steps: _UpkeepSteps) -> None:
        self._submit(self._make_job(request, make_steps))

    def _make_job(self, request: InfillRequest, make_steps: _UpkeepSteps) -> Job:
        def run() -> Steps:
            with self._model_pool.keep(request.model.path, Role.BASE) as resident:
                if resident is not None:
                    yield from make_steps(resident, request)

        # Of the same work on a document only the newest is still wanted.
        return Job(run, priority=JobPriority.UPKEEP, key=f"{make_steps.__name__} {request.document}")

    def _cancel_timer(self, document: str) -> None:
        if (timer := self._timers.pop(document, None)) is not None:
            timer.cancel()


def _is_followed(request: EngineRequest) -> TypeGuard[InfillRequest]:
    """Whether keystrokes follow in its document, for which the cache is made ready."""
    return isinstance(request, InfillRequest) and not request.dry_run and not request.is_next_edit
