"""Stand-ins for secrets: what comes back from a model has the originals in it again, or is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interfix.masking import MaskChangedError, Masker, mask
from interfix.masking.secret_detection import count_bytes
from tests.secret_samples import generate_samples

SAMPLE_TEXTS = [case.text for case in generate_samples()]
pieces = st.sampled_from(SAMPLE_TEXTS) | st.text(max_size=30) | st.sampled_from(["xxxx1", "0xxxxxx2", "maxxx = 1", "x" * 9, "xxx"])
texts = st.lists(pieces, max_size=6).map("\n".join)


@given(texts)
def test_what_was_masked_is_put_back(text: str) -> None:
    masker = Masker(text)
    assert masker.restore(masker.mask(text)) == text


@given(texts, st.data())
def test_lines_are_put_back_in_any_order(text: str, data: st.DataObject) -> None:
    masker = Masker(text)
    masked = masker.mask(text).split("\n")
    if text.count("\n") == len(masked) - 1:
        order = data.draw(st.permutations(range(len(masked))))
        restored = masker.restore("\n".join(masked[i] for i in order))
        assert restored == "\n".join(text.split("\n")[i] for i in order)


@given(texts)
def test_lines_and_byte_offsets_stay_what_they_were(text: str) -> None:
    masked = Masker(text).mask(text)
    assert count_bytes(masked) == count_bytes(text)
    assert [len(line) for line in masked.encode("utf-8", "surrogatepass").split(b"\n")] == [
        len(line) for line in text.encode("utf-8", "surrogatepass").split(b"\n")
    ]


@given(texts)
def test_what_is_masked_is_not_masked_again(text: str) -> None:
    masked = Masker(text).mask(text)
    assert mask(masked) == masked


TEXT = 'a = connect(password="hunter42")\nb = connect(password="dragon77")\nc = connect(password="hunter42")\n'


def test_equal_values_have_one_stand_in_and_others_another() -> None:
    assert Masker(TEXT).mask(TEXT) == (
        'a = connect(password="xxxxxxx1")\nb = connect(password="xxxxxxx2")\nc = connect(password="xxxxxxx1")\n'
    )


def test_a_value_is_put_back_wherever_it_stands() -> None:
    masker = Masker(TEXT)
    assert masker.restore("login('xxxxxxx2', xxxxxxx1)") == "login('dragon77', hunter42)"


def test_a_model_may_count_the_x_wrongly() -> None:
    assert Masker(TEXT).restore('password = "xxxxxxxxxxx2"') == 'password = "dragon77"'


@pytest.mark.parametrize("answer", ['"xxxxxxxx"', '"xxxxxxx3"', "xxxx"])
def test_what_was_never_a_stand_in_is_refused(answer: str) -> None:
    with pytest.raises(MaskChangedError, match="masked"):
        Masker(TEXT).restore(answer)


def test_a_row_of_x_that_the_code_has_itself_stays() -> None:
    masker = Masker(TEXT + "mode = 'xxxxxxxx'\nsize = xxxxx9\n")
    assert masker.restore("mode = 'xxxxxxxx' + xxxxx9") == "mode = 'xxxxxxxx' + xxxxx9"


def test_without_secrets_nothing_is_refused() -> None:
    assert Masker("a = 1\n").restore("b = 'xxxxxxxxxx1'") == "b = 'xxxxxxxxxx1'"


def test_a_part_of_a_secret_is_hidden_without_its_surroundings() -> None:
    key = next(case for case in generate_samples() if case.shape == "private key")
    masker = Masker(key.text)
    for line in key.secret.splitlines():
        assert line not in masker.mask(f"see {line}") or len(line) < 8


def test_what_an_edit_does_to_hidden_values_is_counted() -> None:
    masker = Masker(TEXT)
    assert masker.count_changes(TEXT, TEXT) == (0, 0)
    assert masker.count_changes(TEXT, TEXT.replace("dragon77", "$PASSWORD")) == (1, 0)
    assert masker.count_changes(TEXT, TEXT + "# hunter42") == (0, 1)
