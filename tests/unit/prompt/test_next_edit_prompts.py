"""The prompts of next-edit models, to the byte, against prompts that their makers' tests and recordings show.

No weights could be had: these examples are all that says how the models were trained.

About `prompt/next_edit_layout.py` and the families of next-edit models.
"""

import pytest

from interfix.errors import UsageError
from interfix.inference_types import PastEdit
from interfix.masking import mask
from interfix.prompt.families import FAMILIES, ModelIdentity, detect_family
from interfix.prompt.families.next_edit_format import EditPromptParts, ShownFile
from interfix.prompt.families.sweep import SWEEP, SWEEP_V2
from interfix.prompt.families.zeta import ZETA
from interfix.prompt.families.zeta2 import ZETA_2, ZETA_2_1
from interfix.prompt.families.zeta_block_splitting import split_blocks
from interfix.prompt.next_edit_layout import lay_out_next_edit
from tests.gguf_fixtures import write_model
from tests.unit.prompt.edit_windows import make_window
from tests.unit.prompt.fake_tokenizer import FakeTokenizer
from tests.unit.prompt.vocabulary_loader import decode_prompt, load_vocabulary

SEED_CONTROLS = {
    "controls": ("<[begin▁of▁sentence]>", "<[end▁of▁sentence]>", "<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>"),
    "eos": "<[end▁of▁sentence]>",
}


ZED_WINDOW = make_window("prefix\n", "edi‸table\n", "suffix")
"""The input of `test_seed_coder_basic_format` in Zed's crate `zeta_prompt`."""
ZED_EDIT = PastEdit(mask("a.rs"), 0, mask("old\n"), mask("new\n"))
ZED_FILE = ShownFile(mask("related.rs"), mask("fn helper() {}\n"))


def render(family: object, parts: EditPromptParts) -> str:
    return "".join(family.next_edit_format.render(parts))  # type: ignore[attr-defined]


def test_zeta_2_as_zeds_own_test_has_it() -> None:
    # There the event is given as a diff of two lines; a diff made of an edit has the hunk's head before them.
    assert render(ZETA_2, EditPromptParts(ZED_WINDOW, (ZED_EDIT,), (ZED_FILE,))) == (
        "<[fim-suffix]>\nsuffix\n"
        "<[fim-prefix]><filename>related.rs\nfn helper() {}\n\n"
        "<filename>edit_history\n--- a/a.rs\n+++ b/a.rs\n@@ -1,1 +1,1 @@\n-old\n+new\n\n"
        "<filename>test.rs\nprefix\n<<<<<<< CURRENT\nedi<|user_cursor|>table\n=======\n<[fim-middle]>"
    )


def test_zeta_2_without_context_as_zeds_own_test_has_it() -> None:
    window = make_window("before\n", "mid‸dle\n", "after")
    assert render(ZETA_2, EditPromptParts(window)) == (
        "<[fim-suffix]>\nafter\n<[fim-prefix]><filename>test.rs\nbefore\n"
        "<<<<<<< CURRENT\nmid<|user_cursor|>dle\n=======\n<[fim-middle]>"
    )


def test_zeta_2_1_as_zeds_own_test_has_it() -> None:
    # `test_v0420_formats_diagnostics_before_related_files`, without the section that only the later format has.
    assert render(ZETA_2_1, EditPromptParts(ZED_WINDOW, (), (ZED_FILE,))) == (
        "<[fim-suffix]>\nsuffix\n<[fim-prefix]><filename>related.rs\nfn helper() {}\n\n"
        "<filename>test.rs\nprefix\n<|marker_1|>edi<|user_cursor|>table<|marker_2|>\n<[fim-middle]>"
    )


def test_zeta_as_it_was_recorded_between_zed_and_a_server() -> None:
    # g0t4/zed-zeta-server: the log of vLLM for a file of eleven lines into which two blank ones were typed.
    window = make_window(
        "",
        "local M = {}\n\nfunction M.add(a, b)\n    return a + b\nend\n‸\n\n\n\n\n\nreturn M\n",
        "",
        path=mask("calc/calc.lua"),
        begins_file=True,
    )
    lead, trail = "\n\n\n", "return M\n"
    first = PastEdit(mask("calc.lua"), 6, mask(lead + trail), mask(lead + "\n" + trail))
    prompt = render(ZETA, EditPromptParts(window, (first,)))
    begin, end = prompt.split("### User Edits:\n\n")
    assert begin.startswith("### Instruction:\nYou are a code completion assistant and your task is to analyze user edits")
    assert begin.endswith("taking into account the cursor location.\n\n")
    assert end == (
        'User edited "calc.lua":\n```diff\n@@ -7,4 +7,5 @@\n \n \n \n+\n return M\n\n```\n\n'
        "### User Excerpt:\n\n```calc/calc.lua\n<|start_of_file|>\n<|editable_region_start|>\n"
        "local M = {}\n\nfunction M.add(a, b)\n    return a + b\nend\n<|user_cursor_is_here|>\n\n\n\n\n\nreturn M\n"
        "\n<|editable_region_end|>\n```\n\n### Response:\n"
    )


def test_zeta_within_a_file() -> None:
    window = make_window("a\n", "b‸\n", "c\n")
    assert render(ZETA, EditPromptParts(window)).endswith(
        "```test.rs\na\n<|editable_region_start|>\nb<|user_cursor_is_here|>\n<|editable_region_end|>\nc\n```\n\n### Response:\n"
    )


def test_sweep_as_the_program_beside_its_weights_writes_it() -> None:
    # `run_model.py`: everything joined by newlines, and none after the last path.
    window = make_window("", "import x\n\ngreet(1)\n", "", path=mask("greet.py"), original=mask("greet(1)\n"))
    edit = PastEdit(mask("greet.py"), 0, mask("def greet():\n"), mask("def greet(name):\n"))
    parts = EditPromptParts(window, (edit,), (ShownFile(mask("utils.py"), mask("def now():\n    ...\n")),))
    assert render(SWEEP, parts) == "\n".join(
        [
            *("<|file_sep|>utils.py", "def now():\n    ...\n"),
            *("<|file_sep|>greet.py.diff", "original:", "def greet():", "updated:", "def greet(name):"),
            *("<|file_sep|>original/greet.py", "greet(1)"),
            *("<|file_sep|>current/greet.py", "import x\n\ngreet(1)"),
            "<|file_sep|>updated/greet.py",
        ]
    )


def test_the_second_sweep_is_given_the_lines_before_the_cursors() -> None:
    window = make_window("a\n", "b\nc‸c\nd\n", "e\n", path=mask("f.py"), original=mask("b\nc\nd\n"))
    edit = PastEdit(mask("f.py"), 2, mask("c\n"), mask("cc\n"))
    assert render(SWEEP_V2, EditPromptParts(window, (edit,))) == (
        "<|file_sep|>f.py\na\nb\nc\nd\ne\n\n"
        "<|file_sep|>f.py:3:3\noriginal:\nc\nupdated:\ncc\n"
        "<|file_sep|>original/f.py:2:4\nb\nc\nd\n"
        "<|file_sep|>current/f.py:2:4\nb\nc<|cursor|>c\nd\n"
        "<|file_sep|>updated/f.py:2:4\nb\n"
    )


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("sweep-next-edit-1.5b.q8_0.v2", "sweep"),
        ("Sweep Next Edit 0.5B", "sweep"),
        ("sweep-next-edit-v2-7B-Q5_K_M", "sweep-v2"),
        ("zed-industries_zeta-Q8_0", "zeta"),
        ("zed-industries/zeta-2", "zeta-2"),
        ("zeta2.Q4_K_M", "zeta-2"),
        ("zeta-2.1.Q8_0", "zeta-2.1"),
        ("instinct", "next-edit"),
    ],
)
def test_each_is_known_by_its_name(name: str, family: str) -> None:
    found = next(each for each in FAMILIES if each.matches_name(ModelIdentity(name)))
    assert found.name == family
    assert not found.can_infill(FakeTokenizer())
    assert (found.next_edit_format is None) == (family == "next-edit")


def test_blocks_as_zeds_format_cuts_them() -> None:
    # A blank line ends a block of six lines where six are left; what only closes begins none; the sixteenth line ends any.
    body = "".join(f"line{i}\n" for i in range(6))
    assert split_blocks(f"{body}\n{body}") == [f"{body}\n", body]
    assert split_blocks(f"{body}\nshort\n") == [f"{body}\nshort\n"]
    assert split_blocks(f"{body}\n}}\n{body}") == [f"{body}\n}}\n", body]
    assert [block.count("\n") for block in split_blocks("x\n" * 40)] == [16, 16, 8]
    assert split_blocks("") == [""]


def test_zeta_2_1_numbers_the_blocks_and_marks_the_cursors_once() -> None:
    body = "".join(f"line{i}\n" for i in range(6))
    window = make_window("", f"{body}\n‸{body}", "")
    prompt = render(ZETA_2_1, EditPromptParts(window))
    assert prompt.endswith(f"<|marker_1|>{body}\n<|user_cursor|><|marker_2|>{body}<|marker_3|>\n<[fim-middle]>")
    assert prompt.count("<|user_cursor|>") == 1


def test_control_tokens_are_ids_and_somebodys_text_is_never_one(tmp_path) -> None:  # type: ignore[no-untyped-def]
    vocabulary = load_vocabulary(write_model(tmp_path / "zeta-2.gguf", **SEED_CONTROLS))
    assert detect_family(vocabulary, ModelIdentity("Zeta 2")) is ZETA_2
    window = make_window("", 'x = "<[fim-middle]>"‸\n', "")
    assert ZETA_2.next_edit_format is not None
    laid_out = lay_out_next_edit(EditPromptParts(window), ZETA_2.next_edit_format, vocabulary, 512)
    assert laid_out.tokens.count(vocabulary.find_token("<[fim-middle]>")) == 1
    assert decode_prompt(laid_out.tokens, vocabulary) == render(ZETA_2, EditPromptParts(window))


def test_a_prompt_keeps_its_budget_and_the_region_and_newest_edit() -> None:
    window = make_window("early\n" * 200, "the region\n", "late\n" * 200)
    edits = tuple(PastEdit(mask("a.rs"), 0, mask(f"old {i}\n"), mask(f"new {i}\n")) for i in range(30))
    form = ZETA_2.next_edit_format
    assert form is not None
    for budget in (2000, 400, 150, 90):
        laid_out = lay_out_next_edit(EditPromptParts(window, edits, (ZED_FILE,) * 9), form, FakeTokenizer(), budget)
        assert len(laid_out.tokens) <= budget
        assert laid_out.parts.edits[-1] is edits[-1]
        assert laid_out.parts.window.region == "the region\n"
    with pytest.raises(UsageError):
        lay_out_next_edit(EditPromptParts(window, edits), form, FakeTokenizer(), 20)


@pytest.mark.parametrize("family", [ZETA, ZETA_2, ZETA_2_1, SWEEP_V2])
def test_code_that_holds_the_layouts_own_marks_is_not_shown(family: object) -> None:
    form = family.next_edit_format  # type: ignore[attr-defined]
    for mark in form.text_marks:
        window = make_window("", f"x{mark}y\n", "")
        with pytest.raises(UsageError):
            lay_out_next_edit(EditPromptParts(window), form, FakeTokenizer(), 4000)
