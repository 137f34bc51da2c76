"""Members of a suggestion that the model itself hardly believes in, of objects that are not known to have them."""

import math
import re
from collections.abc import Iterator

import msgspec

from interfix.completion.hole import InfillHole
from interfix.completion.raw_completion import RawCompletion
from interfix.context.names.name_search import KnownNames
from interfix.engine.guided_text import GuidedText
from interfix.guided_decoding_names import NameGuide

LIKELY = 0.5
"""A name that its tokens make likelier than this is believed. Of 38 members less likely than this that Qwen2.5-Coder 0.5B wrote in
Python and TypeScript, of objects that are known to have others or in documents that name no such member, people had written 3; of
28 that were likelier, 19."""
CONFIDENCE_FACTOR = 0.25
"""A suggestion with such a name is right so much less often than its probabilities say."""

_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`]*`|(?:#(?=\s)|//)[^\n]*")
_PATH = re.compile(r"\s*(?:import|from|use|package|module|namespace|using|require|#)\b")
ASSIGNED = re.compile(r"\s*(?::[^=\n]+)?=(?!=)")
"""Behind a member that comes to be there."""
_WORD = re.compile(r"\w+")


class NameDoubts(msgspec.Struct, frozen=True):
    """Names of a suggestion that may not exist."""

    unknown: tuple[str, ...] = ()
    """As `find_unknown_names` has them."""
    unlikely: tuple[str, ...] = ()
    """As `find_unlikely_members` has them."""


def find_unlikely_members(hole: InfillHole, completion: RawCompletion, text: str, names: KnownNames) -> tuple[str, ...]:
    """Those of a suggestion's text. `completion` has its tokens; what filters have changed of it is not judged."""
    language = hole.snapshot.language
    if language is None or not language.name_sources or hole.is_prose:
        return ()
    before = hole.line_prefix[-200:]
    code = _STRING.sub(lambda each: " " * len(each[0]), before + text)
    if _PATH.match(hole.line_prefix) or re.search("[\"'`]", code[: len(before)]):
        return ()
    links = "|".join(re.escape(link) for link in language.links)
    own = {end: is_foreign for end, _, is_foreign in read_guided_members(names.guide, text)} if names.guide is not None else {}
    here: set[str] | None = None
    unlikely: list[str] = []
    for match in re.finditer(rf"(?<=[\w)\]])(?:{links})#?([^\W\d]\w*)", code):
        end = match.end() - len(before)
        if end <= 0 or ASSIGNED.match(code[match.end() :]) or own.get(end) is False:
            continue
        if end not in own:
            here = here if here is not None else list_document_words(hole)
            if match[1] in here:
                continue
        if _find_probability(completion, text, max(0, match.start(1) - len(before)), end) < LIKELY:
            unlikely.append(match[1])
    return tuple(dict.fromkeys(unlikely))


def read_guided_members(guide: NameGuide, text: str) -> Iterator[tuple[int, str, bool]]:
    """The members in a text behind a cursor whose objects are known: where each ends, characters, its name, and whether its object
    is not known to have it, though it may.
    """
    reader = GuidedText(msgspec.structs.replace(guide, uses=""))
    is_foreign = False
    data = text.encode()
    for at in range(len(data) + 1):
        state, byte = reader.state, data[at : at + 1] or b"\n"
        is_foreign = is_foreign or (bool(state.tiers) and reader.judge(byte) > 0.0)
        reader.accept(byte)
        if reader.state.tiers and reader.state.name:
            continue
        if state.tiers and state.name:
            yield len(data[:at].decode("utf-8", "replace")), state.name.decode("utf-8", "replace"), is_foreign
        is_foreign = False


def list_document_words(hole: InfillHole) -> set[str]:
    """The words of the document, what is being typed left out."""
    typed = _WORD.findall(hole.prefix)
    return {*typed[: -1 if re.search(r"\w$", hole.prefix) else None], *_WORD.findall(hole.suffix), *_WORD.findall(hole.other_cells)}


def _find_probability(completion: RawCompletion, text: str, start: int, end: int) -> float:
    """The probability of the tokens that hold some characters of a suggestion; 1 where they are no longer those of the stream."""
    said = "".join(completion.token_texts)
    if not said.startswith(text[:end]):
        return 1.0
    at, total = 0, 0.0
    for piece, logprob in zip(completion.token_texts, completion.token_logprobs, strict=True):
        if at < end and at + len(piece) > start:
            total += logprob
        at += len(piece)
    return math.exp(total)
