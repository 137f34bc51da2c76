"""An answer that begins with what its prompt leaves out: in every vocabulary that is written first, and only the rest is told."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfix.engine import inference_jobs
from interfix.engine.free_cores import CpuMonitor
from interfix.engine.healed_start import HealedStart, PieceIndex
from interfix.engine.llama_runtime import AbortFlag
from interfix.engine.model_pool import LoadedModel
from interfix.engine.protocol import InfillRequest
from interfix.inference_types import GeneratedToken, Segment, SegmentKind, StartToken
from interfix.masking import mask
from interfix.models.role_check import BaseModel
from tests.unit.engine.architectures import MODELS, load_model

PIECES = st.lists(st.text("abé_ .", min_size=2, max_size=5), max_size=40)
TYPED = st.text("abé_ .", min_size=1, max_size=6).map(str.encode)
HEALED_PREFIX, SUFFIX = "def add(first, second):\n    return fir", "\n\nprint(add(1, 2))\n"


def list_pieces(pieces: list[str]) -> list[bytes]:
    return [*(bytes((byte,)) for byte in range(256)), *dict.fromkeys(piece.encode() for piece in pieces)]


def cut(text: bytes, spelled: list[bytes]) -> list[int]:
    """The tokens of a text, the longest first."""
    tokens = []
    while text:
        longest = max((piece for piece in spelled if text.startswith(piece)), key=len)
        tokens.append(spelled.index(longest))
        text = text[len(longest) :]
    return tokens


@given(pieces=PIECES, text=TYPED)
def test_the_tokens_that_begin_with_a_text_are_found(pieces: list[str], text: bytes) -> None:
    spelled = list_pieces(pieces)
    index = PieceIndex((piece, token) for token, piece in enumerate(spelled))
    assert sorted(index.find_longer(text)) == [token for token, piece in enumerate(spelled) if piece.startswith(text)]
    assert sorted(index.find_spelled(text)) == [token for token, piece in enumerate(spelled) if piece == text]


@given(pieces=PIECES, text=TYPED, seed=st.integers(0, 999))
def test_the_text_is_written_first_and_what_follows_is_told(pieces: list[str], text: bytes, seed: int) -> None:
    spelled, random = list_pieces(pieces), np.random.default_rng(seed)
    index = PieceIndex((piece, token) for token, piece in enumerate(spelled))
    healing = HealedStart(cut(text, spelled), index, spelled.__getitem__)
    written, told, leads = b"", b"", 0
    for _ in range(len(text) + 3):
        logits = healing.restrict(random.normal(0, 3, len(spelled)).astype(np.float32))
        token = int(logits.argmax())
        written += spelled[token]
        rest = healing.spell(token)
        if healing.accept(token, -1.0):
            assert not rest
            leads += 1
        else:
            told += rest
            lead, logprob = healing.take_lead()
            assert (len(lead), logprob) == (leads, -leads)
            leads = 0
    assert written == text + told


@pytest.mark.parametrize(
    ("typed", "liked", "expected"),
    [
        (" numbers", [" number", " numbers"], " numbers"),
        ("            ", ["       ", "           "], "           "),
        ("\t\t\t", ["\t", "\t\t"], "\t\t"),
        ("pars", ["p", "parse"], "parse"),
        ("getUserNa", ["ge", "get"], "get"),
    ],
)
def test_no_part_of_what_is_typed_is_taken_for_what_would_follow_it(typed: str, liked: list[str], expected: str) -> None:
    """The model would go on with the first of `liked` and then with something else, which it may not."""
    words = ["get", "ge", "User", "Na", "Name", "p", "ars", "par", "parse", "s"]
    spelled = list_pieces([*words, " number", " numbers", *(" " * count for count in range(1, 16)), "\t\t", "\t\t\t"])
    index = PieceIndex((piece, token) for token, piece in enumerate(spelled))
    healing = HealedStart(cut(typed.encode(), spelled), index, spelled.__getitem__)
    logits = np.full(len(spelled), -9.0, dtype=np.float32)
    for rank, piece in enumerate(liked):
        logits[spelled.index(piece.encode())] = 9.0 - rank
    assert spelled[int(healing.restrict(logits).argmax())] == expected.encode()


def fill(model: LoadedModel, prefix: str, **changes: object) -> list[GeneratedToken]:
    segments = (Segment(SegmentKind.PREFIX, mask(prefix)), Segment(SegmentKind.SUFFIX, mask(SUFFIX)))
    request = InfillRequest(BaseModel(model.name, model.path), "a", segments, prompt_budget=400, max_tokens=24)
    steps = inference_jobs.infill(model, msgspec.structs.replace(request, **changes))
    return [event for event in steps if isinstance(event, GeneratedToken)]


def write_by_hand(model: LoadedModel, prefix: str, start: str, count: int) -> str:
    """What a model writes behind `start` where its prompt ends before that, decoded from nothing, each token out of all."""
    words = model.weights.vocabulary
    fim = words.fim
    tokens = [fim.prefix, *words.encode(prefix), fim.suffix, *words.encode(SUFFIX), fim.middle]
    context = model.weights.create_context(1024, 1, CpuMonitor(1), AbortFlag())
    try:
        written, head = b"", start.encode()
        context.decode(tokens, 0, 0)
        for at in range(count):
            logits = context.read_logits()
            ranked = map(int, np.argsort(logits)[::-1])
            controls = fim.collect_ids()
            for token in ranked:
                grown = written + words.token_to_piece(token)
                is_text = token not in controls and words.token_to_piece(token) and not words.is_end_of_generation(token)
                if len(written) >= len(head) or (is_text and (grown.startswith(head) or head.startswith(grown))):
                    break
            if words.is_end_of_generation(token) or token in controls:
                break
            written += words.token_to_piece(token)
            context.decode([token], len(tokens) + at, 0)
    finally:
        context.close()
    return written[len(head) :].decode("utf-8", "replace")


def test_a_model_writes_what_it_would_write_behind_a_prompt_that_ends_before_the_word(tmp_path: Path) -> None:
    model = load_model("qwen2.5-coder", MODELS["qwen2"](tmp_path / "m.gguf"))
    try:
        answer = "".join(token.text for token in fill(model, HEALED_PREFIX))
        expected = write_by_hand(model, HEALED_PREFIX.removesuffix("fir"), "fir", len("fir") + 24)
        assert answer.rstrip("\ufffd") == expected.rstrip("\ufffd")
        assert answer
    finally:
        model.close()


def test_a_branch_begins_with_the_tokens_that_are_not_told(tmp_path: Path) -> None:
    model = load_model("qwen2.5-coder", MODELS["qwen2"](tmp_path / "m.gguf"))
    try:
        first = fill(model, HEALED_PREFIX, tell_runners_up=True)
        lead = tuple(StartToken(token, 0.0) for token in first[0].lead)
        start = (*lead, *(StartToken(token.token, token.logprob) for token in first[:2]))
        again = fill(model, HEALED_PREFIX, start=start)
        assert [token.text for token in again] == [token.text for token in first]
    finally:
        model.close()


@pytest.mark.parametrize("changes", [{"start_rank": 2}, {"alternatives": 5}])
def test_only_tokens_that_agree_are_offered(tmp_path: Path, changes: dict[str, int]) -> None:
    model = load_model("qwen2.5-coder", MODELS["qwen2"](tmp_path / "m.gguf"))
    try:
        tokens = fill(model, HEALED_PREFIX, **changes)
        assert tokens
        assert all(logprob > -np.inf for token in tokens for _, logprob in token.alternatives)
    finally:
        model.close()
