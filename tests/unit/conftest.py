"""What several rooms' tests want."""

import json

import pytest


@pytest.fixture
def templates_rendered_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chat templates are rendered in this process, which takes a hundredth of the time of one of their own."""
    from interfix.prompt import template_rendering, template_rendering_main  # here: few want it

    def render_here(order: str, _today: str) -> tuple[str, str]:
        reply = template_rendering_main.answer_order(json.loads(order))
        return reply.get("text", ""), reply.get("error", "")

    monkeypatch.setattr(template_rendering, "_run_renderer", render_here)
