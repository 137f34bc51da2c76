"""From an `InfillCall` to a stream of text: the document is found by its content, secrets are masked, rules and filters run.

Nothing is known here but the text around the hole. A plugin shows what it gets, so by default an answer ends where it runs over
into the suffix, repeats itself or goes round in circles, as suggestions of the language server do.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from interfix.completion.filters import FILE_FREE_FILTERS, apply_filters
from interfix.completion.hole import InfillHole
from interfix.completion.multiline_choice import SuggestionShape
from interfix.completion.stops import FILE_FREE_RULES, StreamStopper
from interfix.config.settings import Settings
from interfix.context import prompt_segment_ranks
from interfix.engine.protocol import Engine, InfillRequest, KvReuse
from interfix.http_api.answer_record import AnswerRecord
from interfix.http_api.call_types import AnswerEnd, InfillCall, TextPiece
from interfix.http_api.document_recognition import MAX_DOCUMENTS, DocumentMatcher
from interfix.http_api.fim_prompt_parser import ContextChunk
from interfix.http_api.served_models import ServedModels
from interfix.inference_types import GeneratedToken, GenerationEvent, Segment, SegmentKind
from interfix.masking import MaskedText, mask
from interfix.syntax.document import Document

CHARACTERS_PER_TOKEN = 16
"""No code has more, on average: what is farther from the hole cannot be shown, and is not even looked at."""
MAX_CHUNKS = 64
"""Pieces of other files that are looked at, the last ones."""
MAX_PATH_CHARACTERS = 500
THREAD_CHARACTERS = 50_000
"""A longer text is masked in a thread."""


class InfillService:
    """Answers infill calls with an engine."""

    def __init__(self, engine: Engine, models: ServedModels, settings: Settings) -> None:
        self._engine = engine
        self._models = models
        self._settings = settings
        self._matcher = DocumentMatcher()
        self._holes: OrderedDict[str, tuple[Segment, ...]] = OrderedDict()
        self._chunks: OrderedDict[str, tuple[ContextChunk, ...]] = OrderedDict()

    async def stream(self, call: InfillCall) -> AsyncGenerator[TextPiece | AnswerEnd, None]:
        """The answer piece by piece, then its end; closing it stops the engine. Raises what the engine raises."""
        model = await self._models.find_base(call.model)
        call = self._drop_distant_text(call)
        if not call.options.max_tokens and not (call.prefix.strip() or call.suffix.strip()):
            document = self._matcher.latest()
            hole = self._holes.get(document, ())
        else:
            document, hole = await self._place_hole(call)
        call = msgspec.structs.replace(call, chunks=self._choose_chunks(document, call))
        files = await _mask_chunks(call)
        if not hole:  # files alone: there is no document yet to show them with
            yield AnswerEnd(
                model=model.name, reason="length", prompt_tokens=0, reused_tokens=0, tokens=0, prefill_ms=0, decode_ms=0
            )
            return
        request = InfillRequest(
            model=model,
            document=document,
            segments=(*files, *hole),
            prompt_budget=self._settings.completion.prompt_tokens,
            max_tokens=call.options.max_tokens,
            sampling=call.options.sampling,
            seed=call.options.seed,
            start_rank=call.start_rank,
            reuse=KvReuse.SPLICE if call.uses_cache else KvReuse.NONE,
            max_prefill_ms=call.max_prefill_ms,
            exact_suffix=False,
            alternatives=call.options.alternatives,
        )
        answer = _InfillAnswer(call)
        async with aclosing(self._engine.infill(request)) as events:
            async for event in events:
                if (piece := answer.take(event)) is not None:
                    yield piece
                if answer.record.reason:
                    break
        if (piece := answer.finish()) is not None:
            yield piece
        self._matcher.expect(document, answer.emitted)
        yield answer.record.describe_end(document=document)

    def _drop_distant_text(self, call: InfillCall) -> InfillCall:
        """The call without what no prompt has room for; of other files the last ones are kept."""
        most = self._settings.engine.context_tokens * CHARACTERS_PER_TOKEN
        chunks: list[ContextChunk] = []
        room = most
        for chunk in reversed(call.chunks[-MAX_CHUNKS:]):
            room -= len(chunk.text)
            if room < 0:
                break
            chunks.insert(0, chunk)
        return msgspec.structs.replace(
            call,
            prefix=_take_last_lines(call.prefix, most),
            suffix=call.suffix[:most],
            chunks=tuple(chunks),
            path=call.path[:MAX_PATH_CHARACTERS],
            repository=call.repository[:MAX_PATH_CHARACTERS],
        )

    def _choose_chunks(self, document: str, call: InfillCall) -> tuple[ContextChunk, ...]:
        """What the document has been shown with, as long as all of it is offered and is not the smaller part.

        Other files stand at the head of a prompt: a new one among them has all of it decoded anew, for which a warm-up is the time.
        """
        last_chunks = self._chunks.get(document, ())
        is_kept = (
            call.options.max_tokens
            and 2 * len(last_chunks) >= len(call.chunks)
            and all(chunk in call.chunks for chunk in last_chunks)
        )
        self._chunks[document] = chunks = last_chunks if is_kept else call.chunks
        self._chunks.move_to_end(document)
        while len(self._chunks) > MAX_DOCUMENTS:
            self._chunks.popitem(last=False)
        return chunks

    async def _place_hole(self, call: InfillCall) -> tuple[str, tuple[Segment, ...]]:
        """The document of a call, and its prefix and suffix as segments."""
        prefix, suffix = call.prefix, call.suffix
        matched_place = self._matcher.match(prefix, suffix)
        # Masked as one text, for a secret may stand on both sides; it keeps byte offsets.
        masked = await _mask_text(prefix + suffix)
        data = masked.encode("utf-8", "replace")
        preamble_end, start, at = (
            len(text.encode("utf-8", "replace"))
            for text in (prefix[: matched_place.preamble_end], prefix[: matched_place.start], prefix)
        )
        before = data[:preamble_end] + data[start:at]
        path = mask(call.path)
        hole = (
            Segment(SegmentKind.PREFIX, _mask_bytes(before), path=path, line=matched_place.first_line, source="prefix"),
            Segment(SegmentKind.SUFFIX, _mask_bytes(data[at:]), source="suffix"),
        )
        self._holes[matched_place.document] = hole
        self._holes.move_to_end(matched_place.document)
        while len(self._holes) > MAX_DOCUMENTS:
            self._holes.popitem(last=False)
        return matched_place.document, hole


class _InfillAnswer:
    """What the client may see of one stream."""

    def __init__(self, call: InfillCall) -> None:
        self._call = call
        self._text = ""  # what the stops leave of what was generated
        self._hole = None if call.options.raw else _build_hole(call)
        self._stopper = StreamStopper(self._hole, rules=FILE_FREE_RULES) if self._hole else None
        self.record = AnswerRecord(call.options)
        self.emitted = ""
        """What the client has been given."""

    def take(self, event: GenerationEvent) -> TextPiece | None:
        """What the client may see now."""
        text = self.record.add(event)
        if text is None or not isinstance(event, GeneratedToken):
            return None
        self._add_text(text)
        self.record.note_stop_word()
        self._stop_at_indent()
        self._stop_if_late(event.text)
        if self._hole is None:
            return self._emit(self._text)
        # A line is given away once the next has begun: until then a filter may take some of it back.
        lines, newline, _ = self._text.rpartition("\n")
        return self._emit(apply_filters(self._hole, lines, FILE_FREE_FILTERS)) if newline and not self.record.reason else None

    def finish(self) -> TextPiece | None:
        """The rest. Raises `UnavailableError` where the engine has ended before the model did."""
        self._add_text(self.record.close())
        if self._hole is None:
            return self._emit(self._text)
        end = self.record.end
        if self._stopper is not None and not self._stopper.stop_rule and end is not None:
            self._stopper.finish(cut_short=end.reason == "length")
            self._text = self._shorter(self._stopper.text)
        return self._emit(apply_filters(self._hole, self._text, FILE_FREE_FILTERS), is_last=True)

    def _add_text(self, text: str) -> None:
        self._text += text
        if self._stopper is not None and text and not self.record.reason and self._stopper.feed(text):
            self.record.reason = self.record.reason or "end"
            self._text = self._shorter(self._stopper.text)

    def _shorter(self, text: str) -> str:
        """The text as the rules leave it; they read it with `\\n` line endings only."""
        return text if len(text) < len(self._text) else self._text

    def _stop_at_indent(self) -> None:
        """As `n_indent` of llama-server: a line after the first that is indented less ends the answer."""
        lines, newline, last = self._text.rpartition("\n")
        if newline and last.strip() and len(last) - len(last.lstrip(" \t")) < self._call.min_indent:
            self._text, self.record.reason = lines, self.record.reason or "end"

    def _stop_if_late(self, token_text: str) -> None:
        """As `t_max_predict_ms` of llama-server: counted from the first token, and only behind a line break."""
        limit = self._call.max_generation_ms
        if limit and "\n" in self._text and self.record.generation_ms > limit and not self.record.reason:
            self.record.reason = "length"
            if self._hole is not None and "\n" in token_text:
                self._text = self._text.rpartition("\n")[0]

    def _emit(self, text: str, *, is_last: bool = False) -> TextPiece | None:
        """What of the text is new; nothing where a filter has changed what was given already."""
        fresh = text[len(self.emitted) :] if text.startswith(self.emitted) else ""
        if not fresh and not (is_last and self.record.has_tokens):
            return None
        self.emitted += fresh
        return TextPiece(fresh, self.record.take_tokens())


def _build_hole(call: InfillCall) -> InfillHole:
    """The hole as rules and filters see it: a text without a language, whose next lines are wanted as well as the cursor's."""
    document = Document("untitled:", call.prefix + call.suffix)
    offset = len(call.prefix.encode("utf-8", "replace"))
    return InfillHole.from_cursor(document.snapshot(), offset, SuggestionShape.BLOCK, explicit=True, after_accepted=True)


async def _mask_chunks(call: InfillCall) -> tuple[Segment, ...]:
    """The other files as segments, the last of the lowest rank, and the repository's name before them."""
    chunks = call.chunks
    segments: list[Segment] = []
    for index, chunk in enumerate(chunks):
        segments.append(await _build_file_segment(chunk, prompt_segment_ranks.FILES + len(chunks) - 1 - index))
    if segments and call.repository:
        segments.insert(
            0, Segment(SegmentKind.REPOSITORY, mask(call.repository), rank=prompt_segment_ranks.REPOSITORY, source="repository")
        )
    return tuple(segments)


async def _build_file_segment(chunk: ContextChunk, rank: int) -> Segment:
    path = mask(chunk.path[:MAX_PATH_CHARACTERS])
    return Segment(SegmentKind.FILE, await _mask_text(chunk.text), rank=rank, path=path, source="client")


async def _mask_text(text: str) -> MaskedText:
    return await asyncio.to_thread(mask, text) if len(text) > THREAD_CHARACTERS else mask(text)


def _mask_bytes(data: bytes) -> MaskedText:
    return mask(data.decode("utf-8", "replace"))


def _take_last_lines(text: str, most: int) -> str:
    """The last lines of so many characters at most; of one longer line its end."""
    if len(text) <= most:
        return text
    tail = text[-most:]
    _, newline, rest = tail.partition("\n")
    return rest if newline else tail
