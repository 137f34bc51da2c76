"""A prompt with markers, which a client has laid out, is taken apart into prefix, suffix and other files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfix.http_api.fim_prompt_parser import ContextChunk, FimPrompt, parse_fim_prompt
from interfix.prompt.families import FAMILIES

QWEN = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")
STARCODER = ("<fim_prefix>", "<fim_suffix>", "<fim_middle>")
DEEPSEEK = ("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>")
SEED = ("<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>")
CODE = "def f(x):\n    return "
REST = "\n\nprint(f(1))\n"


@pytest.mark.parametrize("markers", [QWEN, STARCODER, DEEPSEEK, SEED])
def test_prefix_suffix_middle(markers: tuple[str, str, str]) -> None:
    prefix, suffix, middle = markers
    assert parse_fim_prompt(prefix + CODE + suffix + REST + middle) == FimPrompt(CODE, REST)


@pytest.mark.parametrize("markers", [QWEN, STARCODER, SEED])
def test_suffix_prefix_middle(markers: tuple[str, str, str]) -> None:
    prefix, suffix, middle = markers
    assert parse_fim_prompt(suffix + REST + prefix + CODE + middle) == FimPrompt(CODE, REST)


def test_code_llama_puts_spaces_beside_its_markers() -> None:
    assert parse_fim_prompt(f"<PRE> {CODE} <SUF>{REST} <MID>") == FimPrompt(CODE, REST)


def test_codestral_has_no_marker_before_the_middle() -> None:
    assert parse_fim_prompt(f"[SUFFIX]{REST}[PREFIX]{CODE}") == FimPrompt(CODE, REST)


def test_the_markers_of_every_family_are_known() -> None:
    for family in FAMILIES:
        if family.fim_markers:
            markers = [marker.removeprefix("▁") for marker in family.fim_markers]
            first, second, *rest = markers
            text = second + "S" + first + "P" if not rest else first + "P" + second + "S" + rest[0]
            assert parse_fim_prompt(text) == FimPrompt("P", "S"), family.name


def test_other_files_as_continue_lays_qwen_out() -> None:
    head = "<|repo_name|>shop\n<|file_sep|>lib/a.py\nA = 1\n<|file_sep|>lib/b.py\nB = 2\n<|file_sep|>main.py\n"
    found = parse_fim_prompt(f"{head}<|fim_prefix|>{CODE}<|fim_suffix|>{REST}<|fim_middle|>")
    chunks = (ContextChunk("lib/a.py", "A = 1\n"), ContextChunk("lib/b.py", "B = 2\n"))
    assert found == FimPrompt(CODE, REST, "main.py", "shop", chunks)


def test_other_files_as_continue_lays_starcoder_out() -> None:
    text = f"<file_sep>A = 1\nX = 2<file_sep>B = 2<file_sep><fim_prefix>{CODE}<fim_suffix>{REST}<fim_middle>"
    assert parse_fim_prompt(text) == FimPrompt(CODE, REST, chunks=(ContextChunk("", "A = 1\nX = 2"), ContextChunk("", "B = 2")))


def test_other_files_as_continue_lays_codestral_out() -> None:
    text = f"[SUFFIX]{REST}[PREFIX]+++++ lib/a.py \nA = 1\n\n+++++ main.py\n{CODE}"
    assert parse_fim_prompt(text) == FimPrompt(CODE, REST, "main.py", chunks=(ContextChunk("lib/a.py", "A = 1"),))


def test_a_prompt_without_a_prefix_marker_begins_with_the_prefix() -> None:
    assert parse_fim_prompt(f"{CODE}<|fim_suffix|>{REST}<|fim_middle|>") == FimPrompt(CODE, REST)


@pytest.mark.parametrize(
    "text", ["", CODE, "<|fim_middle|>", "a <|fim_prefix|> b", "x <|fim_suffix|> y", "# <fim_prefix> and <fim_suffix>\n"]
)
def test_text_that_no_client_lays_out_has_no_parts(text: str) -> None:
    assert parse_fim_prompt(text) is None


def test_markers_in_the_code_stay_text() -> None:
    code = 'MARK = "<|fim_prefix|>"\nEND = "<|fim_middle|>"\nS = "<|fim_suffix|>"\nx = '
    assert parse_fim_prompt(f"<|fim_prefix|>{code}<|fim_suffix|>{REST}<|fim_middle|>") == FimPrompt(code, REST)


_TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="<[▁｜|+"), max_size=60)


@given(_TEXT, _TEXT, st.sampled_from([QWEN, STARCODER, DEEPSEEK, SEED]), st.booleans())
def test_what_was_laid_out_comes_back(prefix: str, suffix: str, markers: tuple[str, str, str], suffix_first: bool) -> None:
    halves = [markers[0] + prefix, markers[1] + suffix]
    text = "".join(reversed(halves) if suffix_first else halves) + markers[2]
    assert parse_fim_prompt(text) == FimPrompt(prefix, suffix)
