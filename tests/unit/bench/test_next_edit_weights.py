"""What was measured is written as `certainty.toml` has it. About `tests/bench/next_edit_weights.py`."""

import msgspec

from interfix.next_edit.certainty import CertaintyModel, load_certainty
from tests.bench.next_edit_weights import format_certainty


def test_what_is_written_is_read_back() -> None:
    model = load_certainty()
    assert msgspec.toml.decode(format_certainty(model), type=CertaintyModel) == model
