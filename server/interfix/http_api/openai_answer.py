"""An answer in the forms that OpenAI's clients read: whole or in pieces, of a completion or of a chat."""

import time
import uuid
from typing import Any

import msgspec

from interfix.http_api.call_types import AnswerEnd, TextPiece

FINISH_REASONS = {"end": "stop", "length": "length", "word": "stop"}
"""Why an answer has ended, in OpenAI's words."""


class OpenAiAnswerForm(msgspec.Struct, frozen=True):
    """How an answer is told."""

    is_chat: bool
    """As a chat's answer, not as a completion's."""
    logprobs: bool
    """With log-probabilities."""
    usage: bool
    """With the tokens that were used at the end of a stream."""
    id: str = msgspec.field(default_factory=lambda: uuid.uuid4().hex)
    """The answer's own."""
    created: int = msgspec.field(default_factory=lambda: int(time.time()))
    """Seconds since 1970."""

    def make_head(self, model: str, *, is_stream: bool = False) -> dict[str, Any]:
        """What every object begins with."""
        kind = ("chat.completion.chunk" if is_stream else "chat.completion") if self.is_chat else "text_completion"
        prefix = "chatcmpl-" if self.is_chat else "cmpl-"
        return {"id": prefix + self.id, "object": kind, "created": self.created, "model": model, "system_fingerprint": "interfix"}

    def make_choice(self, index: int, text: str, pieces: list[TextPiece], finish_reason: str) -> dict[str, Any]:
        """A whole answer."""
        content = {"message": {"role": "assistant", "content": text}} if self.is_chat else {"text": text}
        return {"index": index, **content, "logprobs": self._describe_logprobs(pieces), "finish_reason": finish_reason}

    def make_delta(self, index: int, delta: Any, pieces: list[TextPiece], finish_reason: str | None = None) -> dict[str, Any]:
        """A piece of one."""
        content = {"delta": delta} if self.is_chat else {"text": delta}
        return {"index": index, **content, "logprobs": self._describe_logprobs(pieces), "finish_reason": finish_reason}

    def _describe_logprobs(self, pieces: list[TextPiece]) -> dict[str, Any] | None:
        if not self.logprobs:
            return None
        tokens = [token for piece in pieces for token in piece.tokens]
        if self.is_chat:
            return {
                "content": [
                    _describe_token(token.text, token.logprob)
                    | {"top_logprobs": [_describe_token(text, logprob) for text, logprob in token.alternatives]}
                    for token in tokens
                ]
            }
        offsets, at = [], 0
        for token in tokens:
            offsets.append(at)
            at += len(token.text)
        return {
            "tokens": [token.text for token in tokens],
            "token_logprobs": [token.logprob for token in tokens],
            "top_logprobs": [dict(token.alternatives) for token in tokens],
            "text_offset": offsets,
        }


def _describe_token(text: str, logprob: float) -> dict[str, Any]:
    return {"token": text, "logprob": logprob, "bytes": list(text.encode("utf-8", "replace"))}


def describe_usage(ends: list[AnswerEnd]) -> dict[str, Any]:
    """The tokens that the answers to one prompt have used."""
    read, written = ends[0].prompt_tokens, sum(end.tokens for end in ends)
    return {
        "prompt_tokens": read,
        "completion_tokens": written,
        "total_tokens": read + written,
        "prompt_tokens_details": {"cached_tokens": ends[0].reused_tokens},
    }
