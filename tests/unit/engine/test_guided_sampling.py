"""Whatever the vocabulary and however it cuts names: what is written where names are known is one of them, each can be written, and
where none is known the same is chosen as without a guide.
"""

import math
import re
from itertools import product

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfix.engine.guided_sampling import GuidedSampler
from interfix.engine.guided_text import GuidedText
from interfix.engine.member_chain import parse_chain
from interfix.engine.sampling import SampledToken, sample_token
from interfix.guided_decoding_names import KnownType, NameGuide
from interfix.inference_types import Sampling
from interfix.syntax.languages import Language, load_languages

END = 0
"""The token that ends an answer."""
NAMES = st.lists(st.text("abé_1", min_size=1, max_size=6).filter(lambda name: not name[0].isdigit()), min_size=1, max_size=12)
PIECES = st.lists(st.text("abé_1.( =\n", min_size=2, max_size=5), max_size=60)


class Vocabulary:
    """The end token, every byte, and whatever longer pieces there are."""

    def __init__(self, pieces: list[str]) -> None:
        self.pieces = [b"<end>", *(bytes((byte,)) for byte in range(256)), *dict.fromkeys(piece.encode() for piece in pieces)]

    def cut(self, text: bytes, random: np.random.Generator) -> list[int]:
        """Some tokens that make up a text."""
        tokens: list[int] = []
        while text:
            fitting = [token for token, piece in enumerate(self.pieces) if token != END and text.startswith(piece)]
            tokens.append(int(random.choice(fitting)))
            text = text[len(self.pieces[tokens[-1]]) :]
        return tokens


def write(vocabulary: Vocabulary, guide: NameGuide, rows: list[np.ndarray], temperature: float = 0.0, seed: int = 0) -> str:
    """What is written where the model says so at each step."""
    sampler = GuidedSampler(GuidedText(guide), vocabulary.pieces.__getitem__, lambda token: token == END)
    random = np.random.default_rng(seed)
    written = b""
    for logits in rows:
        choice = sampler.choose(logits, lambda each: sample_token(each, Sampling(temperature=temperature), random)).choice
        if choice.token == END:
            break
        sampler.accept(choice.token)
        written += vocabulary.pieces[choice.token]
    return written.decode("utf-8", "replace")


def random_rows(vocabulary: Vocabulary, seed: int, steps: int, spread: float) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.normal(0, spread, len(vocabulary.pieces)).astype(np.float32) for _ in range(steps)]


def sure_rows(vocabulary: Vocabulary, tokens: list[int]) -> list[np.ndarray]:
    rows = []
    for token in tokens:
        rows.append(np.full(len(vocabulary.pieces), -20.0, dtype=np.float32))
        rows[-1][token] = 0.0
    return rows


@given(pieces=PIECES, names=NAMES, seed=st.integers(0, 999), spread=st.sampled_from([0.5, 3.0, 30.0]), warm=st.booleans())
def test_what_is_written_at_a_member_is_one_of_its_names(pieces: list[str], names: list[str], seed: int, spread: float, warm: bool):
    vocabulary = Vocabulary(pieces)
    guide = NameGuide(line="x = thing.", cursor_type="T", types={"T": KnownType(tuple(names))})
    written = write(vocabulary, guide, random_rows(vocabulary, seed, 12, spread), 1.0 if warm else 0.0, seed)
    found = re.match(r"#|(\w+)\W|(\w*)$", written)
    assert found
    if found[1]:
        assert found[1] in names
    elif found[2]:
        assert any(name.startswith(found[2]) for name in names)


@given(
    pieces=PIECES, names=NAMES, which=st.integers(0, 11), seed=st.integers(0, 999), ending=st.sampled_from(["(", " = ", "\n", ".a"])
)
def test_every_name_can_be_written_however_it_is_cut(pieces: list[str], names: list[str], which: int, seed: int, ending: str):
    vocabulary = Vocabulary([*pieces, *(name + ending for name in names)])
    text = names[which % len(names)] + ending
    guide = NameGuide(line="return thing?.", cursor_type="T", types={"T": KnownType(tuple(names))})
    tokens = vocabulary.cut(text.encode(), np.random.default_rng(seed))
    assert write(vocabulary, guide, sure_rows(vocabulary, tokens)) == text


@given(pieces=PIECES, names=NAMES, seed=st.integers(0, 999), warm=st.booleans())
def test_where_no_name_is_known_the_choice_is_the_same(pieces: list[str], names: list[str], seed: int, warm: bool):
    vocabulary = Vocabulary(pieces)
    rows = random_rows(vocabulary, seed, 12, 3.0)
    temperature = 1.0 if warm else 0.0
    guided = write(vocabulary, NameGuide("x = ", roots={"q": "T"}, types={"T": KnownType(tuple(names))}), rows, temperature, seed)
    assert guided == write(vocabulary, NameGuide(), rows, temperature, seed)


@given(names=NAMES, seed=st.integers(0, 999))
def test_a_typed_beginning_is_gone_on_with(names: list[str], seed: int):
    vocabulary = Vocabulary([])
    typed = names[0][:1]
    guide = NameGuide(line=f"thing.{typed}", cursor_type="T", types={"T": KnownType(tuple(names))})
    written = typed + write(vocabulary, guide, random_rows(vocabulary, seed, 12, 3.0))
    name = re.match(r"\w+", written)
    assert name
    assert name[0] in names or any(each.startswith(name[0]) for each in names)


def test_a_typed_beginning_that_nobody_knows_is_left_alone() -> None:
    guide = NameGuide(line="thing.zz", cursor_type="T", types={"T": KnownType(("alpha",))})
    vocabulary = Vocabulary([])
    rows = sure_rows(vocabulary, vocabulary.cut(b"top", np.random.default_rng(1)))
    assert write(vocabulary, guide, rows) == "top"


SCOPE = NameGuide(
    line="    y = ",
    roots={"self": "Client", "make()": "Session"},
    types={
        "Client": KnownType(("session", "open"), {"session": "Session", "open()": "Session"}),
        "Session": KnownType(("send", "close")),
    },
    definers=("self",),
    links=(".", "?."),
    line_comment="#",
)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("self.session", True),
        ("self.sessions", True),  # the name may go on …
        ("self.sessions ", False),  # … but may not end so
        ("self.close", False),
        ("self.session.send(", True),
        ("self.session.open(", False),
        ("self?.session?.close()", True),
        ("self.open(a, [b]).send(1)", True),
        ("self.open(a, [b]).session", False),
        ("make().close()", True),
        ("make().open()", False),
        ("other.anything", True),
        ("myself.anything", True),
        ("a.self.anything", True),
        ("'self.anything'", True),
        ('"self.anything" + self.open', True),
        ('"self.anything" + self.close', False),
        ("1 # self.anything", True),
        ("1 # it's so\nself.anything", False),
        ("'''self.\nself.anything'''", True),
    ],
)
def test_later_members_are_guided_by_what_they_are_members_of(text: str, allowed: bool) -> None:
    guided = GuidedText(SCOPE)
    if text == "self.sessions":
        assert guided.judge(text.encode()) == math.inf
        return
    assert (guided.judge(text.encode()) < math.inf) is allowed


def test_one_token_may_hold_an_object_a_link_and_a_member() -> None:
    vocabulary = Vocabulary(["self.close(", "self.op", "en()"])
    wants = sure_rows(vocabulary, [len(vocabulary.pieces) - 3, len(vocabulary.pieces) - 1])
    wants[0][-2] = -1.0
    assert write(vocabulary, SCOPE, wants) == "self.open()"


def test_a_cost_decides_between_what_is_known_and_what_is_known_elsewhere() -> None:
    vocabulary = Vocabulary(["send", "post", "nowhere"])
    guide = NameGuide(line="x.", cursor_type="T", types={"T": KnownType(("send",))}, elsewhere=("post\nother",), elsewhere_cost=2.0)
    row = np.full(len(vocabulary.pieces), -30.0, dtype=np.float32)
    row[-3:] = (-1.5, 0.0, 5.0)
    assert write(vocabulary, guide, [row]) == "send"
    row[-3:] = (-2.5, 0.0, 5.0)
    assert write(vocabulary, guide, [row]) == "post"


def test_what_a_statement_may_be_about_to_define_is_free_at_a_price() -> None:
    free = NameGuide(line="    ", roots=SCOPE.roots, types=SCOPE.types, definers=("self",), new_name_cost=1.0)
    assert GuidedText(free).judge(b"self.fresh = 1") == 1.0
    assert GuidedText(free).judge(b"x = self.fresh") == math.inf


def test_the_removed_probability_is_told() -> None:
    vocabulary = Vocabulary(["wrong", "right"])
    row = np.full(len(vocabulary.pieces), -math.inf, dtype=np.float32)
    row[-2:] = np.log([0.75, 0.25])
    guide = NameGuide(line="x.", cursor_type="T", types={"T": KnownType(("right",))})
    sampler = GuidedSampler(GuidedText(guide), vocabulary.pieces.__getitem__, lambda token: token == END)
    found = sampler.choose(row, lambda each: SampledToken(int(each.argmax()), 0.0))
    assert vocabulary.pieces[found.choice.token] == b"right"
    assert found.removed == pytest.approx(0.75)
    assert found.choice.logprob == pytest.approx(math.log(0.25))


def test_a_list_of_imports_is_guided_at_each_name() -> None:
    guide = NameGuide(line="from m import ", cursor_type="m", types={"m": KnownType(("one", "two"))}, repeats=True)
    assert GuidedText(guide).judge(b"one, two\n") < math.inf
    assert GuidedText(guide).judge(b"one as x, two\n") < math.inf
    assert GuidedText(guide).judge(b"one, three\n") == math.inf


@given(st.text("ab.()[]'_ ", max_size=30))
def test_any_text_has_a_chain_or_none(text: str) -> None:
    found = parse_chain(text.encode(), (b".",))
    assert found is None or all(found[0])


def test_what_the_language_itself_calls_is_no_way_out_of_a_refusal() -> None:
    vocabulary = Vocabulary(["nowhere", "__call__", "send"])
    guide = NameGuide(line="x.", cursor_type="T", types={"T": KnownType(("__call__", "send"))}, elsewhere_cost=2.0)
    row = np.full(len(vocabulary.pieces), -30.0, dtype=np.float32)
    row[-3:] = (5.0, 0.0, -1.0)
    assert write(vocabulary, guide, [row]) == "send"
    row[-3:] = (5.0, 0.0, -3.0)
    assert write(vocabulary, guide, [row]) == "__call__"


@pytest.mark.parametrize(
    ("link", "written", "allowed"),
    [(".", "(", False), ("?.", "(", True), ("::", "<", True), (".", "<", False), (".", "#", False), ("?.", "#", False)],
)
def test_what_stands_in_a_names_place_depends_on_the_link(link: str, written: str, allowed: bool) -> None:
    guide = NameGuide(line=f"x{link}", cursor_type="T", types={"T": KnownType(("send",))}, links=(".", "?.", "::"))
    assert (GuidedText(guide).judge(written.encode()) < math.inf) is allowed
    assert GuidedText(msgspec.structs.replace(guide, free_starts="(")).judge(b"(") == 0.0 or link == "::"


@pytest.mark.parametrize("language", [each for each in load_languages() if each.name_sources], ids=lambda each: each.id)
def test_a_comment_is_no_way_out_of_a_refusal(language: Language) -> None:
    comments = filter(None, (language.line_comment, *(language.block_comment or ())[:1]))
    for link, comment in product(language.links, comments):
        guide = NameGuide(
            line=f"x{link}",
            cursor_type="T",
            types={"T": KnownType(("send",))},
            links=language.links,
            free_starts=language.free_starts,
        )
        assert GuidedText(guide).judge(f"{comment} TODO".encode()) == math.inf, f"{link}{comment}"


def test_an_end_is_no_way_out_of_a_refusal() -> None:
    vocabulary = Vocabulary(["nowhere", "send"])
    guide = NameGuide(line="x.", cursor_type="T", types={"T": KnownType(("send",))})
    row = np.full(len(vocabulary.pieces), -30.0, dtype=np.float32)
    row[END], row[-2], row[-1] = 2.0, 5.0, 0.0
    assert write(vocabulary, guide, [row]) == "send"
    row[END] = 6.0
    assert write(vocabulary, guide, [row]) == "", "what the model itself wants"
