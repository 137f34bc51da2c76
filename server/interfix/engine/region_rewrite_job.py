"""What the engine computes for a next edit."""

from interfix.engine.decode_loop import PreparedPrompt, Steps, generate
from interfix.engine.inference_jobs import describe_prompt
from interfix.engine.kv_slot import SlotKey
from interfix.engine.model_pool import LoadedModel
from interfix.engine.protocol import KvReuse, NextEditRequest
from interfix.engine.stop_texts_and_loops import StopDetector
from interfix.errors import RoleMismatchError
from interfix.inference_types import Sampling
from interfix.prompt.families import ModelIdentity, detect_family
from interfix.prompt.next_edit_layout import lay_out_next_edit


def next_edit(model: LoadedModel, request: NextEditRequest) -> Steps:
    """Write the region anew, greedily. Most of it is copied from the prompt, so it is guessed ahead.

    Raises `RoleMismatchError` where the model's format is not known, `UsageError` where the region does not fit.
    """
    weights, vocabulary, name = model.weights, model.weights.vocabulary, request.model.name
    # A file's metadata may name the model it was tuned from only; what its own name says comes first.
    family = detect_family(vocabulary, ModelIdentity(f"{name} {weights.origin.names}"))
    form = family.next_edit_format
    if form is None:
        raise RoleMismatchError(f"{name} was not tuned to propose the next edit in a layout that Interfix knows.")
    slots = model.open_next_edit_slots()
    max_tokens = len(vocabulary.encode(request.parts.window.region)) + request.extra_tokens
    budget = min(request.prompt_budget or slots.tokens, slots.tokens - max_tokens)
    layout = lay_out_next_edit(request.parts, form, vocabulary, budget)
    if request.dry_run:
        yield from describe_prompt(name, layout.tokens, (), budget, vocabulary)
        return
    slot = slots.acquire(SlotKey(), len(layout.tokens) + max_tokens)
    prompt = PreparedPrompt(
        model=name,
        tokens=layout.tokens,
        plan=slot.plan_fill(layout.tokens, reuse=KvReuse.PREFIX),
        max_tokens=max_tokens,
        sampling=Sampling(temperature=0.0).with_defaults(family.infill_sampling),
        stop_tokens=family.find_infill_ends(vocabulary),
        prompt_lookup=request.prompt_lookup,
    )
    yield from generate(weights, slot, prompt, StopDetector(form.stop_texts))
