"""Reasoning is left out of answers: every kind of mark, however the text is cut into pieces, and code that holds marks stays."""

from itertools import pairwise
from typing import Any

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfix.commands.command_request import CommandRequest
from interfix.commands.explain import explain
from interfix.commands.instruct_client import TruncatedAnswer, UnusableAnswer
from interfix.commands.reasoning_filter import ReasoningFilter
from interfix.inference_types import ChatMessage, Sampling
from interfix.masking import mask
from interfix.prompt.reasoning_mark_patterns import EXAMPLE_MARKS, find_given_mark
from interfix.prompt.template_rendering_main import render
from tests.fake_engine import FakeEngine, make_instruct_client
from tests.llamacpp_sdist import fetch_llamacpp_models
from tests.unit.commands.marked_text import parse_marked
from tests.unit.prompt.vocabulary_loader import load_vocabulary

DRAFT = "First try:\n```python\nreturn 1\n```\nNo, `None` is wrong: if a < b, [x] fails.\n"
ANSWER = "Here it is:\n```python\nreturn 2\n```\nDone.\n"
PAIRS = [(begin, end) for begin, ends in EXAMPLE_MARKS.items() for end in ends]
CODE = (
    "```python\ntext.split('</think>')\n<think>\n[THINK]\n</think>\n```\nIt cuts at `</think>`, after `<think>`.\n",
    "The tag begins like `<th`; a <b and a <tho too, [x] and <|x|> as well.\n",
    "    return x < y\n",
    "~~~\n```\n<reasoning>\n~~~\nx",
)


def run_filter(text: str, cuts: list[int], request: str = "", *, may_lack_begin: bool = False) -> str:
    """The text in pieces through the filter."""
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    reasoning_filter = ReasoningFilter(request, may_lack_begin=may_lack_begin)
    shown = [reasoning_filter.take(text[start:end]) for start, end in pairwise(places)]
    return "".join(shown) + reasoning_filter.rest()


any_cuts = st.lists(st.integers(0, 400), max_size=60)


@given(st.sampled_from(PAIRS), st.sampled_from(["", "\n", " \n\n"]), st.booleans(), any_cuts)
def test_only_the_answer_is_left_however_it_is_cut(marks: tuple[str, str], gap: str, upper: bool, cuts: list[int]) -> None:
    begin, end = (mark.upper() if upper else mark for mark in marks)
    text = f"{gap}{begin}\n{DRAFT}{end}{gap}{ANSWER}"
    assert run_filter(text, cuts) == ANSWER
    assert run_filter(text, cuts, may_lack_begin=True) == ANSWER


@given(st.from_regex(r"([a-z][a-z_-]{0,11}:)?(think|thinking|thought|reasoning)(:[a-z0-9]{1,12})?", fullmatch=True), any_cuts)
def test_a_tag_with_a_makers_name_in_it_marks_reasoning_too(tag: str, cuts: list[int]) -> None:
    assert run_filter(f"<{tag}>\n{DRAFT}</{tag}>\n\n{ANSWER}", cuts) == ANSWER
    assert run_filter(f"Okay.\n{DRAFT}</{tag}>\n\n{ANSWER}", cuts, may_lack_begin=True) == ANSWER
    assert run_filter(f"<{tag}>{DRAFT}{ANSWER}", cuts) == ""
    assert find_given_mark(f"<assistant>\n<{tag}>\n") == f"<{tag}>"


@given(st.sampled_from(PAIRS), any_cuts)
def test_unclosed_reasoning_leaves_nothing(marks: tuple[str, str], cuts: list[int]) -> None:
    assert run_filter(f"{marks[0]}{DRAFT}{ANSWER}", cuts) == ""


@given(st.sampled_from(PAIRS), any_cuts)
def test_reasoning_in_the_middle_and_twice_is_left_out(marks: tuple[str, str], cuts: list[int]) -> None:
    block = f"{marks[0]}{DRAFT}{marks[1]}"
    assert run_filter(f"{block}{block}So: {block}{ANSWER}", cuts) == f"So: {ANSWER}"


@pytest.mark.parametrize("end", ["</think>", "</thinking>", "</reasoning>", "[/THINK]", "◁/think▷"])
@given(cuts=any_cuts)
def test_a_beginning_that_the_template_gave_is_not_needed(end: str, cuts: list[int]) -> None:
    assert run_filter(f"Okay.\n{DRAFT}{end}\n\n{ANSWER}", cuts, may_lack_begin=True) == ANSWER
    assert run_filter(f"Okay.\n```\nhalf a draft\n{end}\n\n{ANSWER}", cuts, may_lack_begin=True) == ANSWER


@given(st.sampled_from(CODE), st.booleans(), any_cuts)
def test_marks_in_code_stay(text: str, may_lack_begin: bool, cuts: list[int]) -> None:
    assert run_filter(text, cuts, text, may_lack_begin=may_lack_begin) == text
    assert run_filter(text, cuts, may_lack_begin=may_lack_begin) == text


@given(any_cuts)
def test_a_lone_end_in_a_fence_of_a_file_that_has_it_stays(cuts: list[int]) -> None:
    text = "```jinja\n{% endif %}\n</think>\n{{ x }}\n```\n"
    assert run_filter(text, cuts, text, may_lack_begin=True) == text


@given(any_cuts)
def test_reasoning_about_marks_ends_at_a_line_of_its_own(cuts: list[int]) -> None:
    text = f"<think>\nThe code splits at '</think>', a string.\n{DRAFT}</think>\n\n{ANSWER}"
    assert run_filter(text, cuts, "x.split('</think>')") == ANSWER
    assert run_filter("<think>Short.</think>\n\n" + ANSWER, cuts, "x.split('</think>')") == ANSWER


@given(any_cuts)
def test_the_harmony_format_leaves_its_final_channel(cuts: list[int]) -> None:
    text = f"<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>final<|message|>{ANSWER}<|return|>"
    assert run_filter(text, cuts) == ANSWER


@given(st.text(alphabet="<>/|[]think \n`~a", max_size=60), st.booleans(), any_cuts)
def test_the_cuts_change_nothing(text: str, may_lack_begin: bool, cuts: list[int]) -> None:
    assert run_filter(text, cuts, may_lack_begin=may_lack_begin) == run_filter(text, [], may_lack_begin=may_lack_begin)


def test_plain_text_is_shown_at_once() -> None:
    reasoning_filter = ReasoningFilter()
    assert [reasoning_filter.take(piece) for piece in ("It ", "adds ", "a<", "b.")] == ["It ", "adds ", "a", "<b."]


@pytest.mark.parametrize(
    ("markup", "mark"), [("<|im_start|>assistant\n<think>\n", "<think>"), ("<think>\n\n</think>\n\n", ""), ("assistant\n", "")]
)
def test_what_a_template_has_begun_is_seen(markup: str, mark: str) -> None:
    assert find_given_mark(markup) == mark


@pytest.mark.slow
def test_reasoning_as_real_templates_write_it_is_left_out() -> None:
    words = load_vocabulary(fetch_llamacpp_models() / "ggml-vocab-llama-bpe.gguf")
    question: dict[str, Any] = {"role": "user", "content": "Change it."}
    said = {"role": "assistant", "content": ANSWER.strip()}
    kept = {name: DRAFT.strip() for name in ("reasoning_content", "reasoning", "thinking")}
    begun, dropped, shown = {}, [], {}
    for path in sorted((fetch_llamacpp_models() / "templates").glob("*.jinja")):
        options = {"bos_token": words.bos_text, "eos_token": words.eos_text, "enable_thinking": True, "thinking": True}
        options |= {"messages": [question], "add_generation_prompt": True}
        if "reasoning_effort" in path.read_text("utf-8"):
            options["reasoning_effort"] = "high"
        try:
            markup = render(path.read_text("utf-8"), options)
            options |= {"messages": [question, {**said, **kept}], "add_generation_prompt": False}
            whole = render(path.read_text("utf-8"), options)
        except jinja2.TemplateError:
            dropped.append(path.stem)
            continue
        start = whole.rfind(DRAFT.strip()[:10])
        if start < 0:
            dropped.append(path.stem)
            continue
        # What the model writes, from where its turn begins: the template may have written the first mark for it.
        written = whole[next((i for i, (one, other) in enumerate(zip(markup, whole, strict=False)) if one != other), len(markup)) :]
        begun[path.stem] = find_given_mark(markup)
        if begun[path.stem] and DRAFT.strip() in written and not written.lower().startswith(begun[path.stem]):
            written = begun[path.stem] + written
        shown[path.stem] = [run_filter(written, [7 * i for i in range(60)], may_lack_begin=lacks) for lacks in (False, True)]
    wrong = {
        name: texts
        for name, texts in shown.items()
        if not all(text.strip().startswith(ANSWER.strip()) and "First try" not in text for text in texts)
    }
    assert wrong == {}
    assert len(shown) > 20
    assert sum(map(bool, begun.values())) > 5


async def test_an_explanation_and_an_edit_are_without_reasoning() -> None:
    request = CommandRequest(*parse_marked("def f():\n    return ‸1\n"))
    stream = explain(make_instruct_client(FakeEngine(f"<think>\n{DRAFT}</think>\n\nIt returns one.")), request)
    assert "".join([piece async for piece in stream]) == "It returns one."
    messages = (ChatMessage("user", mask("change it")),)
    client = make_instruct_client(FakeEngine(f"{DRAFT}</think>\n\n{ANSWER}"))
    assert await client.request_answer(messages, Sampling()) == ANSWER


async def test_reasoning_without_an_answer_is_said_to_be_none() -> None:
    messages = (ChatMessage("user", mask("change it")),)
    with pytest.raises(UnusableAnswer, match="of reasoning and no answer"):
        await make_instruct_client(FakeEngine(f"<think>{DRAFT}")).request_answer(messages, Sampling())
    with pytest.raises(TruncatedAnswer, match="of reasoning and no answer"):
        async for _ in make_instruct_client(FakeEngine(f"<think>{DRAFT}")).stream(messages, Sampling()):
            pass
