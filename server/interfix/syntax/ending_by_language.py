"""What the names of files in a language end with, by LSP language id."""

from functools import lru_cache

from pygments.lexers import get_all_lexers

from interfix.syntax.languages import load_languages

_ENDING_CHARACTERS = 3


@lru_cache(maxsize=256)
def find_file_ending(language_id: str) -> str:
    """The ending, with its dot; empty where the language is not known. Pygments tells those of languages without a folder."""
    language = load_languages().find_by_id(language_id)
    patterns = language.globs if language else _list_patterns(language_id)
    endings = [pattern[1:] for pattern in patterns if pattern.startswith("*.")]
    # Headers, and relatives of a language, may come first: an id as short as an ending (r, cpp) is one.
    own = next((ending for ending in endings if ending[1:].lower() == language_id.lower()), "")
    return own if own and len(language_id) <= _ENDING_CHARACTERS else endings[0] if endings else ""


def _list_patterns(language_id: str) -> tuple[str, ...]:
    # Others' plugins are not loaded for a name.
    lexers = get_all_lexers(plugins=False)
    return next((tuple(patterns) for _, aliases, patterns, _ in lexers if language_id.lower() in aliases), ())
