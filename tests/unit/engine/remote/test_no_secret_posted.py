"""What stands in the bodies that a server is sent: infill and every command, to every kind of server, with planted secrets.

About `engine/remote/engine.py`.
"""

import json
import re
from contextlib import aclosing, suppress
from pathlib import Path

import pytest

from interfix.commands.command import EditCommand
from interfix.commands.command_request import CommandRequest, Diagnostic
from interfix.commands.instruct_client import InstructClient
from interfix.commands.registry import INSTRUCT_COMMANDS
from interfix.completion.completer import Completer
from interfix.completion.suggestion_request import SuggestionRequest
from interfix.config.settings import CompletionSettings, ContextSettings, Settings
from interfix.context.exclusion import Exclusion
from interfix.errors import InterfixError
from interfix.inference_types import Role
from interfix.models.role_check import make_remote_base, make_remote_instruct
from interfix.syntax.document import Document
from tests.secret_samples import SecretSample, generate_samples
from tests.unit.engine.remote.fake_http_server import FakeHttpServer, json_reply, ndjson_reply, sse_reply
from tests.unit.engine.remote.llama_server_replies import serve_llama_server
from tests.unit.engine.remote.remote_requests import open_remote_engine, serve_openai_model

PLANTED = tuple(generate_samples())
KINDS = ("openai", "llama-server", "ollama")


def serve(server: FakeHttpServer, kind: str) -> None:
    """A server of a kind, which answers the same whatever it is asked."""
    name = "qwen2.5-coder-7b-instruct"
    if kind == "openai":
        serve_openai_model(server, name=name)
        server.routes["/v1/completions"] = sse_reply({"choices": [{"text": "1", "finish_reason": "stop"}]})
        server.routes["/v1/chat/completions"] = sse_reply({"choices": [{"delta": {"content": "Yes."}, "finish_reason": "stop"}]})
    elif kind == "llama-server":
        template = "{% for m in messages %}<|im_start|>{{ m['content'] }}<|im_end|>{% endfor %}"
        serve_llama_server(server, {"content": "1", "tokens": [49]}, template=template)
        props = {"model_path": f"/m/{name}.gguf", "chat_template": template, "default_generation_settings": {"n_ctx": 8192}}
        server.routes["/props"] = json_reply(props)
    else:
        server.routes["/api/tags"] = json_reply({"models": [{"name": name, "digest": "d"}]})
        server.routes["/api/show"] = json_reply({"model_info": {}, "details": {"family": "qwen2"}})
        server.routes["/api/generate"] = ndjson_reply({"response": "1", "done": False}, {"response": "", "done": True})
        server.routes["/api/chat"] = ndjson_reply({"message": {"content": "Yes."}, "done": False}, {"done": True})


def decode_requests(server: FakeHttpServer) -> str:
    """All that was sent, token ids of the test's vocabulary as the characters that they stand for."""

    def texts(value: object) -> str:
        if isinstance(value, dict):
            return "\n".join(map(texts, value.values()))
        if isinstance(value, list):
            whole = "".join(chr(each) for each in value if isinstance(each, int))
            return whole + "\n".join(map(texts, value))
        return value if isinstance(value, str) else ""

    bodies = [body for _, body in server.requests]
    return json.dumps(bodies, ensure_ascii=False) + "\n".join(map(texts, bodies))


def find_leaks(server: FakeHttpServer, case: SecretSample) -> list[str]:
    text = decode_requests(server)
    return [case.text for part in re.split(r"\n|\\n", case.secret) if len(part) >= 4 and part in text]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
async def test_no_infill_posts_a_secret(server: FakeHttpServer, tmp_path: Path, kind: str) -> None:
    serve(server, kind)
    model = make_remote_base("qwen2.5-coder-7b", "http://server")
    found = []
    async with open_remote_engine(server.url, tmp_path, kind=kind, proven=True) as remote:
        completer = Completer(remote, CompletionSettings())
        for case in PLANTED:
            server.requests.clear()
            text = f"import os\n\n{case.text}\n\nvalue = \n\n{case.text}\n"
            offset = len(text[: text.index("value = ") + 8].encode())
            snapshot = Document("file:///t/code.py", text).snapshot()
            await completer.suggest(SuggestionRequest(model, snapshot, offset))
            assert server.requests
            found += find_leaks(server, case)
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", INSTRUCT_COMMANDS)
async def test_no_command_posts_a_secret(server: FakeHttpServer, tmp_path: Path, kind: str, name: str) -> None:
    serve(server, kind)
    model = make_remote_instruct("qwen2.5-coder-7b-instruct", "http://server")
    found = []
    async with open_remote_engine(server.url, tmp_path, kind=kind, role=Role.INSTRUCT, proven=True) as remote:
        for case in PLANTED[::5]:
            server.requests.clear()
            text = f"import os\n\n\ndef main():\n{case.text}\n    return 1\n"
            (tmp_path / "code.py").write_text(text)
            snapshot = Document((tmp_path / "code.py").as_uri(), text, 1, "python").snapshot()
            exclusion = Exclusion(tmp_path, ContextSettings())
            about = CommandRequest(snapshot, 11, len(text), case.text, (Diagnostic(11, 12, case.text),), tmp_path, None, exclusion)
            with suppress(InterfixError):
                command, client = INSTRUCT_COMMANDS[name], InstructClient(remote, model, Settings())
                if isinstance(command, EditCommand):
                    await command.run(client, about)
                else:
                    async with aclosing(command.run(client, about)) as pieces:
                        async for _ in pieces:
                            pass
            assert server.requests
            found += find_leaks(server, case)
    assert found == []
