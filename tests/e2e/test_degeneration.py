"""What a base model does for want of an end, provoked from the real small model, and cut while it streams."""

from contextlib import aclosing

import pytest

from interfix.completion.hole import InfillHole
from interfix.completion.multiline_choice import SuggestionShape
from interfix.completion.stops import StreamStopper
from interfix.config.settings import ModelSettings
from interfix.context.window_segments import build_window
from interfix.engine.client import HostEngine
from interfix.engine.protocol import InfillRequest
from interfix.inference_types import GeneratedToken, GenerationEnd
from interfix.models.model_selection import select_models
from interfix.models.role_check import BaseModel
from interfix.syntax.document import Document

LIMIT = 160
STEPS = "".join(f"    {step}(size)\n" for step in ("log", "count", "save", "check", "print", "close"))
REPETITION = f"def area(w, h):\n    size = w * h\n{STEPS}    return size\n\n\n"


@pytest.mark.parametrize(
    ("name", "text", "rules"),
    [
        ("loop.py", "values = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ‸", {"loop"}),
        ("lines.txt", "To bed, to bed, said Sleepy-head.\n" * 8 + "‸", {"loop"}),
        ("echo.py", REPETITION * 3 + "‸", {"prompt_echo"}),
        ("files.py", "# app/a.py\nfirst = 1\n# app/b.py\nsecond = 2\n# app/c.py\nthird = 3\n‸", {"file_marker"}),
        ("others.py", "def main():\n    print('hello')\n\n# The same program in Java:\n\n‸", {"loop"}),
        (
            "java.py",
            "# HelloWorld.java, the smallest Java program there is, with a class and its main method:\n‸",
            {"wrong_language"},
        ),
        ("node.py", "import os\n\n// server.js\n'use strict';\n‸", {"wrong_language"}),
        (
            "answer.py",
            "# Question: how do I add two numbers in Python? Answer with an explanation.\n# Answer:\n‸",
            {"prose", "fence"},
        ),
    ],
)
async def test_a_lapse_ends_the_stream(
    engine: HostEngine, model_settings: dict[str, str], name: str, text: str, rules: set[str]
) -> None:
    prefix, suffix = text.split("‸")
    snapshot = Document(f"file:///project/{name}", prefix + suffix).snapshot()
    hole = InfillHole.from_cursor(snapshot, len(prefix.encode()), SuggestionShape.BLOCK, explicit=True)
    model = select_models(
        ModelSettings(base=model_settings["INTERFIX_MODELS_BASE"], directory=model_settings["INTERFIX_MODELS_DIRECTORY"])
    ).base
    assert isinstance(model, BaseModel)
    stopper = StreamStopper(hole)
    request = InfillRequest(model, snapshot.uri, build_window(snapshot, hole.offset), prompt_budget=1024, max_tokens=LIMIT)
    async with aclosing(engine.infill(request)) as events:
        async for event in events:
            if isinstance(event, GeneratedToken):
                if stopper.feed(event.text):
                    break
            elif isinstance(event, GenerationEnd):
                stopper.finish(cut_short=event.reason != "end")
    assert stopper.stop_rule in rules
