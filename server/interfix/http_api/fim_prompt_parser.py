"""A prompt that a client has laid out itself, read back: where its prefix, its suffix and its other files are.

Only here does text become control tokens, and only by being taken apart: of the markers nothing is left, the family of the model
that answers puts its own, by id. What spells a marker within the prefix or the suffix stays text.

The forms are those of Zed (`crates/edit_prediction/src/fim.rs`), minuet-ai.nvim (its recipes for llama.cpp and Ollama) and Continue
(`core/autocomplete/templating/AutocompleteTemplate.ts`), which write what the makers of the models have published.
"""

import re

import msgspec

from interfix.prompt.families import FAMILIES


class ContextChunk(msgspec.Struct, frozen=True):
    """A piece of another file."""

    path: str
    """As the client names the file; empty where it does not."""
    text: str
    """The piece."""


class FimPrompt(msgspec.Struct, frozen=True):
    """What a client has laid out."""

    prefix: str
    """The text before the hole."""
    suffix: str
    """The text after it."""
    path: str = ""
    """The path of the file with the hole; empty where it is not told."""
    repository: str = ""
    """The repository's name; empty where it is not told."""
    chunks: tuple[ContextChunk, ...] = ()
    """The other files."""


class _Markers(msgspec.Struct, frozen=True):
    prefix: str
    suffix: str
    middle: str
    """Empty where the hole begins right behind the prefix."""
    space: str
    """What stands between a marker and the text beside it."""


def _collect_markers() -> tuple[_Markers, ...]:
    """The spellings that the families know, each once."""
    collected: dict[tuple[str, ...], _Markers] = {}
    for markers in (family.fim_markers for family in FAMILIES if family.fim_markers):
        prefix, suffix, *middle = (marker.removeprefix("▁") for marker in markers)
        space = " " if markers[0].startswith("▁") else ""
        collected.setdefault((prefix, suffix), _Markers(prefix, suffix, middle[0] if middle else "", space))
    return tuple(collected.values())


_SPELLINGS = _collect_markers()
_FILE_MARKER = re.compile(r"<\|file_sep\|>|<file_sep>|<\|file_separator\|>|<filename>")
_REPOSITORY = re.compile(r"\A\s*(?:<\|repo_name\|>|<repo_name>|<reponame>)([^\n<]*)\n?")
_PLAIN_HEADING = re.compile(r"(?:\A|\n\n)\+{5} ([^\n]+)\n")
_PATH = re.compile(r"[^\s<>|]{1,300}")


def parse_fim_prompt(text: str) -> FimPrompt | None:
    """The parts of a prompt with markers; None where it has none, or not in an order that any family writes."""
    for markers in _SPELLINGS:
        if (hole := _split_hole(text, markers)) is not None:
            head, prefix, suffix = hole
            repository, chunks, path = _parse_head(head)
            if not chunks and not path and prefix.startswith("+++++ "):
                chunks, path, prefix = _split_plain_headings(prefix)
            return FimPrompt(prefix, suffix, path, repository, tuple(chunks))
    return None


def _split_hole(text: str, markers: _Markers) -> tuple[str, str, str] | None:
    """What stands before the markers, the prefix and the suffix."""
    bare = text.rstrip(" \n") if markers.middle else text
    if markers.middle and not bare.endswith(markers.middle):
        return None
    body = bare[: len(bare) - len(markers.middle)] if markers.middle else text
    prefix_at, suffix_at = body.find(markers.prefix), body.find(markers.suffix)
    if suffix_at < 0 or (prefix_at < 0 and not markers.middle):
        return None
    if 0 <= suffix_at < prefix_at:  # the suffix first
        suffix = body[suffix_at + len(markers.suffix) : prefix_at]
        return body[:suffix_at], body[prefix_at + len(markers.prefix) :], suffix
    # The markers may be spelled in the text, too: the prefix is mostly the longer part.
    head, inner = (body[:prefix_at], body[prefix_at + len(markers.prefix) :]) if prefix_at >= 0 else ("", body)
    prefix, _, suffix = inner.rpartition(markers.suffix)
    if markers.space:
        prefix = prefix.removeprefix(markers.space).removesuffix(markers.space)
        suffix = suffix.removesuffix(markers.space)
    return head, prefix, suffix


def _parse_head(head: str) -> tuple[str, list[ContextChunk], str]:
    """The repository's name, the other files and the path of the file with the hole."""
    repository = ""
    if match := _REPOSITORY.match(head):
        repository, head = match[1], head[match.end() :]
    first, *pieces = _FILE_MARKER.split(head)
    chunks = [ContextChunk("", first)] if first.strip() else []
    path = ""
    for index, piece in enumerate(pieces):
        name, line_end, text = piece.partition("\n")
        named_path = name.strip() if _PATH.fullmatch(name.strip()) and (line_end or index == len(pieces) - 1) else ""
        body = text if named_path else piece
        if index == len(pieces) - 1 and not body.strip():
            path = named_path
        elif body.strip():
            chunks.append(ContextChunk(named_path, body))
    return repository, chunks, path


def _split_plain_headings(prefix: str) -> tuple[list[ContextChunk], str, str]:
    """Other files inside a prefix, under lines with `+++++` and a path, the last of which is the file with the hole."""
    _, *pieces = _PLAIN_HEADING.split(prefix)
    names, texts = pieces[::2], pieces[1::2]
    chunks = [ContextChunk(name.strip(), text) for name, text in zip(names[:-1], texts[:-1], strict=True)]
    return chunks, names[-1].strip() if names else "", texts[-1] if texts else prefix
