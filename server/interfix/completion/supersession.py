"""A newer request in a document ends the older one, and a newer suggestion the older suggestion.

Only this module decides so; an engine computes until its stream is closed.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

from interfix.completion.pending_suggestion import PendingSuggestion, SuggestionFactory
from interfix.completion.suggestion import Suggestion
from interfix.completion.suggestion_request import SuggestionRequest


class DocumentActivity:
    """The request that is answered, the suggestion that is made, and what is about to be made ahead."""

    def __init__(self) -> None:
        self.pending: PendingSuggestion | None = None
        """The suggestion that was begun last."""
        self.version: int | None = None
        """The document's version after the last edit, where one was made."""
        self._answering: asyncio.Task[tuple[Suggestion, ...]] | None = None
        self._prefetch: asyncio.Task[None] | None = None

    async def run_request(self, answering: Coroutine[Any, Any, tuple[Suggestion, ...]]) -> tuple[Suggestion, ...]:
        """Answer a request. The one before it is answered at once, with nothing; so is this one when the next comes."""
        if self._answering is not None:
            self._answering.cancel()
        self._answering = task = asyncio.create_task(answering)
        try:
            return await task
        except asyncio.CancelledError:
            # Ours to answer if only the inner task was cancelled, by the newer request.
            if (mine := asyncio.current_task()) is not None and mine.cancelling():
                raise
            return ()
        finally:
            if self._answering is task:
                self._answering = None

    def begin(self, request: SuggestionRequest, factory: SuggestionFactory) -> PendingSuggestion:
        """Begin to make a suggestion; the one under way ends."""
        if self.pending is not None:
            self.pending.cancel()
        self.pending = PendingSuggestion(request, factory)
        return self.pending

    def schedule_prefetch(self, prefetch: Coroutine[Any, Any, None]) -> None:
        """Have a suggestion made ahead, unless somebody asks before."""
        self._prefetch = asyncio.create_task(prefetch)

    def cancel_prefetch(self) -> None:
        """Nothing is begun ahead any more; what is under way already may prove right."""
        if self._prefetch is not None:
            self._prefetch.cancel()
            self._prefetch = None

    def close(self) -> None:
        """Nothing goes on."""
        self.cancel_prefetch()
        if self._answering is not None:
            self._answering.cancel()
        if self.pending is not None:
            self.pending.cancel()
