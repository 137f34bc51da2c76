"""What a base model does for want of an end, provoked from the real small model, and cut while it streams."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from interfix.completion.hole import Hole
from interfix.completion.shape import Shape
from interfix.completion.stops import Stopper
from interfix.config.settings import Models
from interfix.context.window import window
from interfix.engine.client import HostEngine, local_engine
from interfix.engine.protocol import InfillRequest
from interfix.models.choose import chosen
from interfix.models.roles import BaseModel
from interfix.syntax.document import Document
from interfix.values import Finished, Token

LIMIT = 160
STEPS = "".join(f"    {step}(size)\n" for step in ("log", "count", "save", "check", "print", "close"))
AGAIN = f"def area(w, h):\n    size = w * h\n{STEPS}    return size\n\n\n"


@pytest.fixture
async def engine(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HostEngine]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    async with local_engine() as engine:
        yield engine


@pytest.mark.parametrize(
    ("name", "text", "rules"),
    [
        ("loop.py", "values = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ‸", {"loop"}),
        ("lines.txt", "To bed, to bed, said Sleepy-head.\n" * 8 + "‸", {"loop"}),
        ("echo.py", AGAIN * 3 + "‸", {"prompt_again"}),
        ("files.py", "# app/a.py\nfirst = 1\n# app/b.py\nsecond = 2\n# app/c.py\nthird = 3\n‸", {"file_marker"}),
        ("others.py", "def main():\n    print('hello')\n\n# The same program in Java:\n\n‸", {"loop"}),
        (
            "java.py",
            "# HelloWorld.java, the smallest Java program there is, with a class and its main method:\n‸",
            {"another_language"},
        ),
        ("node.py", "import os\n\n// server.js\n'use strict';\n‸", {"another_language"}),
        (
            "answer.py",
            "# Question: how do I add two numbers in Python? Answer with an explanation.\n# Answer:\n‸",
            {"prose", "fence"},
        ),
    ],
)
async def test_a_lapse_ends_the_stream(engine: HostEngine, models: dict[str, str], name: str, text: str, rules: set[str]) -> None:
    prefix, suffix = text.split("‸")
    snapshot = Document(f"file:///project/{name}", prefix + suffix).snapshot()
    hole = Hole.at(snapshot, len(prefix.encode()), Shape.BLOCK, requested=True)
    model = chosen(Models(base=models["INTERFIX_MODELS_BASE"], directory=models["INTERFIX_MODELS_DIRECTORY"])).base
    assert isinstance(model, BaseModel)
    stopper = Stopper(hole)
    request = InfillRequest(model, snapshot.uri, window(snapshot, hole.offset), prompt_budget=1024, max_tokens=LIMIT)
    async with aclosing(engine.infill(request)) as events:
        async for event in events:
            if isinstance(event, Token):
                if stopper.feed(event.text):
                    break
            elif isinstance(event, Finished):
                stopper.finish(cut_short=event.reason != "end")
    assert stopper.rule in rules
