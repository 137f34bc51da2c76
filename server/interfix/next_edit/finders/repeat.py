"""A change was made once or more: the places where it fits, token by token or as whole lines that are alike."""

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.expression_candidates import list_expression_candidates
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.rewrite_candidates import list_rewrite_candidates
from interfix.next_edit.template_candidates import list_template_candidates


def find(search: EditSearch) -> list[Candidate]:
    """The same tokens among like neighbours, and lines that are the same but for some words or for whole expressions."""
    return [
        *list_rewrite_candidates(search, renames=False),
        *list_template_candidates(search),
        *list_expression_candidates(search),
    ]
