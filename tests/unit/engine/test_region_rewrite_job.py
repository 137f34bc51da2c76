"""A next edit through the real runtime, with models of random weights: the prompt as it is, and an answer that guessing ahead
does not change."""

from pathlib import Path

import msgspec
import pytest

from interfix.engine import region_rewrite_job
from interfix.errors import RoleMismatchError, UsageError
from interfix.inference_types import GeneratedToken, GenerationEnd, GenerationStart
from tests.unit.engine.architectures import MODELS, load_model
from tests.unit.engine.next_edit_requests import REGION, make_request


def test_the_region_is_written_and_guessing_ahead_changes_nothing(tmp_path: Path) -> None:
    model = load_model("sweep-next-edit-1.5b", MODELS["qwen2"](tmp_path / "m.gguf"))
    try:
        request = make_request(model.name)
        (started, _) = region_rewrite_job.next_edit(model, msgspec.structs.replace(request, dry_run=True))
        assert isinstance(started, GenerationStart)
        assert started.prompt.endswith(f"<|file_sep|>current/a.py\n{REGION}<|file_sep|>updated/a.py")
        answers = []
        for lookup in (True, False):
            events = list(region_rewrite_job.next_edit(model, msgspec.structs.replace(request, prompt_lookup=lookup)))
            assert isinstance(events[-1], GenerationEnd)
            answers.append("".join(event.text for event in events if isinstance(event, GeneratedToken)))
        assert answers[0] == answers[1]
    finally:
        model.close()


def test_what_was_not_tuned_for_it_is_refused_and_so_is_what_does_not_fit(tmp_path: Path) -> None:
    model = load_model("sweep-next-edit-1.5b", MODELS["qwen2"](tmp_path / "m.gguf"))
    try:
        with pytest.raises(RoleMismatchError, match="not tuned to propose the next edit"):
            next(iter(region_rewrite_job.next_edit(model, make_request("qwen2.5-coder-1.5b"))))
        with pytest.raises(UsageError):
            next(iter(region_rewrite_job.next_edit(model, make_request(model.name, "x = 1\n" * 400))))
    finally:
        model.close()
