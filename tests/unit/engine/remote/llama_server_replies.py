"""Replies as llama.cpp's server gives them, over a vocabulary in which every character is a token."""

import re
from typing import Any

from tests.unit.engine.remote.fake_http_server import FakeHttpServer, HttpReply, json_reply, sse_reply

CONTROLS = {"<|fim_prefix|>": 1001, "<|fim_suffix|>": 1002, "<|fim_middle|>": 1003, "<|im_start|>": 1004, "<|im_end|>": 1005}


def tokenize_letters(text: str, *, special: bool) -> list[tuple[int, str]]:
    """A vocabulary in which every character is a token, by its code."""
    pattern = "|".join(map(re.escape, CONTROLS)) + "|." if special else "."
    return [(CONTROLS.get(piece, ord(piece[0])), piece) for piece in re.findall(pattern, text, re.DOTALL)]


def serve_llama_server(
    server: FakeHttpServer, *answers: dict[str, Any], template: str = "", model: str = "qwen2.5-coder-7b"
) -> None:
    """Answers as llama.cpp's README has them, with that vocabulary."""

    def tokenize(body: dict[str, Any]) -> HttpReply:
        content = body["content"] if isinstance(body["content"], list) else [body["content"]]
        pieces: list[dict[str, Any]] = []
        for part in content:
            one = [(part, "")] if isinstance(part, int) else tokenize_letters(part, special=body.get("parse_special", True))
            pieces += [{"id": token, "piece": piece} for token, piece in one]
        return json_reply({"tokens": pieces if body.get("with_pieces") else [piece["id"] for piece in pieces]})

    props = {
        "model_path": f"/models/{model}.gguf",
        "default_generation_settings": {"n_ctx": 4096},
        "chat_template": template,
    }
    server.routes["/props"] = json_reply(props)
    server.routes["/tokenize"] = tokenize
    end = {"content": "", "tokens": [], "stop": True, "stop_type": "eos", "tokens_evaluated": 30}
    server.routes["/completion"] = sse_reply(*answers, end, done=False)
