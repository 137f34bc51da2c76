"""Renders a chat template in a process of its own, whose time and memory are limited: it is a program out of a model file."""

import json
import sys
from datetime import datetime
from functools import lru_cache
from typing import Any

from interfix.system.child_process import run_child

_MAX_SECONDS = 20.0
"""By the clock, on a machine that has much else to do; the process has a limit of processor time, too."""


class TemplateError(Exception):
    """A template that fails: a clause on why."""


def render_template(template: str, values: dict[str, Any]) -> str:
    """What the template makes of the values, which JSON can hold. The same is asked again and again, so that it is kept, as is
    the failure.

    Raises `TemplateError` where the template fails, or takes too much time or memory.
    """
    today = datetime.now().strftime("%Y-%m-%d")  # the template may ask for it; the user's own day is meant
    text, error = _run_renderer(json.dumps({"template": template, "values": values}), today)
    if error:
        raise TemplateError(error)
    return text


@lru_cache(maxsize=64)
def _run_renderer(order: str, _today: str) -> tuple[str, str]:
    """The text, and what went wrong."""
    command = [sys.executable, "-P", "-m", "interfix.prompt.template_rendering_main"]
    ended = run_child(command, _MAX_SECONDS, input_data=order.encode())
    try:
        reply = json.loads(ended.output)
    except ValueError:
        return "", "it takes too much time or memory"
    return reply.get("text", ""), reply.get("error", "")
