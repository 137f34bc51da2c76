"""A next edit from a server: our layout and stops, the server's tokens."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from interfix.engine.protocol import NextEditRequest
from interfix.engine.remote import prompt_layout
from interfix.engine.remote.backend import Backend, GenerationParams
from interfix.engine.remote.control_token_text import spell_control
from interfix.engine.remote.engine_stream import stream_events
from interfix.engine.remote.model_and_tokenizer_detection import DetectedModel
from interfix.engine.remote.server_tokenizer import ServerTokenizer
from interfix.engine.stop_texts_and_loops import StopDetector
from interfix.inference_types import LAYOUT_ONLY_END, GenerationEvent, GenerationStart, Sampling

BYTES_PER_TOKEN = 3
"""Of code, at the least: how many tokens an answer may have is not worth a question."""


async def stream_next_edit(
    backend: Backend, server_model: DetectedModel, request: NextEditRequest
) -> AsyncGenerator[GenerationEvent, None]:
    """As `Engine.next_edit`. Raises what the layout and the server raise."""
    family = server_model.family
    max_tokens = len(request.parts.window.region.encode()) // BYTES_PER_TOKEN + request.extra_tokens
    prompt, length = await prompt_layout.prepare_next_edit(server_model, request, max_tokens)
    yield_text = prompt.text if request.dry_run else ""
    started = GenerationStart(server_model.info.name, length, 0, (), 0, yield_text)
    if request.dry_run:
        yield started
        yield LAYOUT_ONLY_END
        return
    form = family.next_edit_format
    ends = (*(form.stop_texts if form else ()), *map(spell_control, family.infill_stop_tokens))
    tokens = family.find_infill_ends(server_model.tokenizer) if isinstance(server_model.tokenizer, ServerTokenizer) else frozenset()
    sampling = Sampling(temperature=0.0).with_defaults(family.infill_sampling)
    params = GenerationParams(max_tokens, sampling, ends, tokens)
    answer = backend.complete(server_model.info, prompt, params)
    async with aclosing(stream_events(answer, params, StopDetector(ends), started, lambda _length: None)) as events:
        async for event in events:
            yield event
