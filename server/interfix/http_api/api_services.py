"""What the handlers of every API share: the two services, the models, the vocabulary."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from interfix.config.settings import Settings
from interfix.engine.protocol import Engine
from interfix.errors import InterfixError, UnavailableError
from interfix.http_api.call_types import AnswerEnd, InfillCall, TextPiece
from interfix.http_api.chat_service import ChatCall, ChatService
from interfix.http_api.endpoint import ClientRequest
from interfix.http_api.infill_service import CHARACTERS_PER_TOKEN, InfillService
from interfix.http_api.served_models import ServedModels
from interfix.models.model_header import ModelHeader, read_header
from interfix.models.role_check import BaseModel, InstructModel

if TYPE_CHECKING:
    from interfix.engine.vocabulary import Vocabulary

RAW_HEADER = "x-interfix-raw"
"""With it a client asks for what the model says, as it is."""


class ModelDescription(msgspec.Struct, frozen=True):
    """What clients ask of a model."""

    name: str
    """Its name."""
    file: str
    """The name of its file; not where that lies."""
    context_tokens: int
    """Tokens that a prompt and its answer may have."""
    trained_tokens: int = 0
    """Tokens of the context that it was trained on; 0 where that is not known."""
    chat_template: str = ""
    """Its chat template; empty where it has none, or it is not known."""
    header: ModelHeader | None = None
    """What its file says; None for one on a server."""
    completes: bool = False
    """Whether it completes between a prefix and a suffix."""


class ApiServices:
    """One running server's."""

    def __init__(self, engine: Engine, settings: Settings, models: ServedModels | None = None) -> None:
        self.models = models or ServedModels(settings)
        self._settings = settings
        self._infill = InfillService(engine, self.models, settings)
        self._chat = ChatService(engine, self.models, settings.engine.context_tokens * CHARACTERS_PER_TOKEN)
        self._vocabularies: dict[str, Vocabulary] = {}
        self._vocabulary_lock = asyncio.Lock()

    def infill(self, call: InfillCall) -> AsyncGenerator[TextPiece | AnswerEnd, None]:
        """The answer to an infill, piece by piece, then its end."""
        return self._infill.stream(call)

    def chat(self, call: ChatCall) -> AsyncGenerator[TextPiece | AnswerEnd, None]:
        """The answer to a chat, piece by piece, then its end."""
        return self._chat.stream(call)

    @property
    def max_chat_tokens(self) -> int:
        """Most tokens of an answer in a chat; the engine gives it what the context leaves."""
        return self._settings.engine.context_tokens

    def wants_raw(self, request: ClientRequest) -> bool:
        """Whether a client wants what the model says, as it is."""
        header = request.headers.get(RAW_HEADER)
        return self._settings.http.raw if header is None else header.strip() not in ("", "0", "false")

    async def describe_base(self) -> ModelDescription:
        """The model that completes."""
        return await self.describe(await self.models.find_base(""))

    async def describe(self, model: BaseModel | InstructModel) -> ModelDescription:
        """What is known of a model."""
        context = self._settings.engine.context_tokens
        if "://" in model.path:
            return ModelDescription(model.name, model.name, context, completes=isinstance(model, BaseModel))
        try:
            header = await asyncio.to_thread(read_header, Path(model.path))
        except (InterfixError, OSError):
            return ModelDescription(model.name, Path(model.path).name, context, completes=isinstance(model, BaseModel))
        return ModelDescription(
            name=model.name,
            file=Path(model.path).name,
            context_tokens=min(context, header.context_length or context),
            trained_tokens=header.context_length,
            header=header,
            completes=header.has_fim,
        )

    async def load_vocabulary(self) -> "Vocabulary":
        """The vocabulary of the model that completes. Raises `UnavailableError` where a server has it."""
        model = await self.models.find_base("")
        if "://" in model.path:
            raise UnavailableError(f"{model.name} is on a server; ask that one for its tokens.")
        async with self._vocabulary_lock:
            if model.path not in self._vocabularies:
                self._vocabularies[model.path] = await asyncio.to_thread(_load_vocabulary, Path(model.path))
        return self._vocabularies[model.path]

    async def encode(self, vocabulary: "Vocabulary", text: str, *, markup: bool) -> list[int]:
        """Tokens of a text; with `markup` what spells a control token counts as one. They are only counted, never generated
        from."""
        async with self._vocabulary_lock:
            return await asyncio.to_thread(vocabulary.encode_markup if markup else vocabulary.encode, text)


def _load_vocabulary(path: Path) -> "Vocabulary":
    from interfix.engine.vocabulary import load_vocabulary  # here: it loads llama.cpp, which only counting tokens needs

    return load_vocabulary(path)
