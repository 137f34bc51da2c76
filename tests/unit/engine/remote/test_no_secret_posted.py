"""What stands in the bodies that a server is sent: infill and every command, to every kind of server, with planted secrets."""

import json
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from pathlib import Path

import pytest
from loopback import Loopback, ndjson, sse, told
from speaking import engine, openai
from test_prompts_and_answers import llama_server

from interfix.commands.asking import Asking
from interfix.commands.registry import ANSWERS, EDITS
from interfix.commands.situation import Diagnostic, Situation
from interfix.commands.why import Command
from interfix.completion.pipeline import Completer
from interfix.config.settings import Completion, ContextSettings, Settings
from interfix.context.exclusion import Exclusion
from interfix.errors import InterfixError
from interfix.models.roles import served_base, served_instruct
from interfix.syntax.document import Document
from interfix.values import Role
from planted import Planted, planted

PLANTED = tuple(planted())
KINDS = ("openai", "llama-server", "ollama")
COMMANDS: dict[str, Command] = {**EDITS, **ANSWERS}


def serve(server: Loopback, kind: str) -> None:
    """A server of a kind, which answers the same whatever it is asked."""
    name = "qwen2.5-coder-7b-instruct"
    if kind == "openai":
        openai(server, name=name)
        server.routes["/v1/completions"] = sse({"choices": [{"text": "1", "finish_reason": "stop"}]})
        server.routes["/v1/chat/completions"] = sse({"choices": [{"delta": {"content": "Yes."}, "finish_reason": "stop"}]})
    elif kind == "llama-server":
        template = "{% for m in messages %}<|im_start|>{{ m['content'] }}<|im_end|>{% endfor %}"
        llama_server(server, {"content": "1", "tokens": [49]}, template=template)
        props = {"model_path": f"/m/{name}.gguf", "chat_template": template, "default_generation_settings": {"n_ctx": 8192}}
        server.routes["/props"] = told(props)
    else:
        server.routes["/api/tags"] = told({"models": [{"name": name, "digest": "d"}]})
        server.routes["/api/show"] = told({"model_info": {}, "details": {"family": "qwen2"}})
        server.routes["/api/generate"] = ndjson({"response": "1", "done": False}, {"response": "", "done": True})
        server.routes["/api/chat"] = ndjson({"message": {"content": "Yes."}, "done": False}, {"done": True})


def sent(server: Loopback) -> str:
    """All that was sent, token ids of the test's vocabulary as the characters that they stand for."""

    def texts(value: object) -> str:
        if isinstance(value, dict):
            return "\n".join(map(texts, value.values()))
        if isinstance(value, list):
            whole = "".join(chr(each) for each in value if isinstance(each, int))
            return whole + "\n".join(map(texts, value))
        return value if isinstance(value, str) else ""

    bodies = [body for _, body in server.asked]
    return json.dumps(bodies, ensure_ascii=False) + "\n".join(map(texts, bodies))


def leaked(server: Loopback, case: Planted) -> list[str]:
    text = sent(server)
    return [case.text for part in re.split(r"\n|\\n", case.secret) if len(part) >= 4 and part in text]


@pytest.mark.parametrize("kind", KINDS)
async def test_no_infill_posts_a_secret(server: Loopback, tmp_path: Path, kind: str) -> None:
    serve(server, kind)
    model = served_base("qwen2.5-coder-7b", "http://server")
    found = []
    async with engine(server.url, tmp_path, kind=kind, proven=True) as remote:
        completer = Completer(remote, Completion())
        for case in PLANTED:
            server.asked.clear()
            text = f"import os\n\n{case.text}\n\nvalue = \n\n{case.text}\n"
            offset = len(text[: text.index("value = ") + 8].encode())
            await completer.suggest(model, Document("file:///t/code.py", text).snapshot(), offset, automatic=False)
            assert server.asked
            found += leaked(server, case)
    assert found == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", COMMANDS)
async def test_no_command_posts_a_secret(server: Loopback, tmp_path: Path, kind: str, name: str) -> None:
    serve(server, kind)
    model = served_instruct("qwen2.5-coder-7b-instruct", "http://server")
    found = []
    async with engine(server.url, tmp_path, kind=kind, role=Role.INSTRUCT, proven=True) as remote:
        for case in PLANTED[::5]:
            server.asked.clear()
            text = f"import os\n\n\ndef main():\n{case.text}\n    return 1\n"
            (tmp_path / "code.py").write_text(text)
            snapshot = Document((tmp_path / "code.py").as_uri(), text, 1, "python").snapshot()
            exclusion = Exclusion(tmp_path, ContextSettings())
            about = Situation(snapshot, 11, len(text), case.text, (Diagnostic(11, 12, case.text),), tmp_path, None, exclusion)
            with suppress(InterfixError):
                result = COMMANDS[name](Asking(remote, model, Settings()), about)
                if isinstance(result, AsyncGenerator):
                    async with aclosing(result):
                        async for _ in result:
                            pass
                else:
                    await result
            assert server.asked
            found += leaked(server, case)
    assert found == []
