"""How candidates of neighbouring lines become one edit."""

import pytest

from interfix.next_edit.certainty import load_certainty
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.finders import collect_candidates
from interfix.next_edit.ranking import rank_edits
from tests.unit.next_edit.edit_contexts import make_context

FUNCTION = "def {name}(\n    host: str,\n    port: int,\n    timeout: float,\n):\n    return open_{name}(host, port)\n"


@pytest.mark.parametrize("line", ["    limit: int = 4_096,", "    limit: int = 4_096,  # bytes", "    *,"])
def test_lines_that_their_neighbours_above_and_below_lead_to_come_once(line: str) -> None:
    code = "\n\n".join(FUNCTION.format(name=name) for name in ("client", "server", "relay"))
    heads = [f"{name}(\n    host: str,\n    port: int," for name in ("client", "server")]
    context = make_context(code, *((head, f"{head}\n{line}") for head in heads))
    model = load_certainty()
    ranked = rank_edits(context.snapshot, collect_candidates(EditSearch(context)), model, context.offset)
    texts = [each.replacement.text.decode() for each in ranked if {part.candidate.kind for part in each.parts} == {"insert_lines"}]
    assert texts
    assert all(text.count(line.strip()) == 1 for text in texts)
