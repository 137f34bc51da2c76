"""What files of a language are called."""

import pytest

from interfix.syntax.ending_by_language import find_file_ending
from interfix.syntax.languages import load_languages


@pytest.mark.parametrize("language", [pytest.param(each, id=each.id) for each in load_languages()])
def test_a_file_of_that_ending_is_in_the_language(language) -> None:
    for language_id in language.ids:
        assert load_languages().find_by_path("x" + find_file_ending(language_id)) is language


@pytest.mark.parametrize(
    ("language_id", "ending"),
    [
        ("julia", ".jl"),
        ("r", ".R"),
        ("cpp", ".cpp"),
        ("shellscript", ".sh"),
        ("fsharp", ".fs"),
        ("haskell", ".hs"),
        ("markdown", ".md"),
        ("", ""),
        ("no such language", ""),
    ],
)
def test_those_without_a_folder_are_known_too(language_id: str, ending: str) -> None:
    assert find_file_ending(language_id) == ending
