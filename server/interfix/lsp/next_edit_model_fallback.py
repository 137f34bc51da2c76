"""Which model is asked for a next edit that no rule knows: the one made for it, else the one that completes."""

from interfix.config.settings import Settings
from interfix.engine.protocol import Engine
from interfix.lsp.model_choice_and_pull import SessionModels
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.model_fill import propose_fill
from interfix.next_edit.model_rewrite import ModelRewrite, propose_rewrite
from interfix.next_edit.next_edit_model_request import NextEditProposer
from interfix.next_edit.span_fill import SpanFiller


async def ask_for_rewrite(
    context: EditContext, path: str, engine: Engine, models: SessionModels, settings: Settings
) -> ModelRewrite | None:
    """What the next-edit model makes of the code around the cursor, or, where there is no such model, the base model of lines that
    are out of date; None where neither is to be asked. `path` is the document's in its workspace.

    Raises what the engine raises.
    """
    if settings.next_edit.model and (model := await models.get_next_edit()) is not None:
        return await propose_rewrite(NextEditProposer(engine, model), context, path)
    # A server scores no text, so that nobody could say which of two the model prefers.
    if not settings.next_edit.fill or settings.base.engine != "local" or (base := await models.get_base()) is None:
        return None
    return await propose_fill(SpanFiller(engine, base, settings.completion), context, path)
