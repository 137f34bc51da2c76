"""What a family of models is: how it was trained to see a hole, to take turns and to stop."""

import re
from collections.abc import Iterable, Sequence

import msgspec

from interfix.inference_types import Sampling, Segment, SegmentKind
from interfix.prompt.families.next_edit_format import NextEditFormat
from interfix.prompt.tokenizer import Tokenizer


class ModelIdentity(msgspec.Struct, frozen=True):
    """What a model file calls itself."""

    names: str = ""
    """`general.name`, `general.basename` and `general.finetune`, as far as the file has them, one after the other."""


class MultiFileFormat(msgspec.Struct, frozen=True):
    """How a family was trained to see other files beside the one with the hole."""

    path_marker: str = ""
    """Before each path: a control token where the vocabulary has one so spelled, else plain text."""
    file_separator: str = ""
    """Before each file but the first, in the same way."""
    repository_marker: str = ""
    """The token before the repository's name; empty where names are not shown."""
    repository_terminator: str = "\n"
    """Behind the repository's name."""
    files_after_prefix_marker: bool = False
    """Whether the other files stand behind the prefix marker, not before all markers."""
    path_after_prefix_marker: bool = False
    """Whether the path of the file with the hole stands behind the prefix marker; its mark stays with the other files."""


class Family(msgspec.Struct, frozen=True):
    """One family of models. The layout is written from its makers' sources, which the module of each family names."""

    name: str
    """For people."""
    name_pattern: str = ""
    """A regular expression that finds the family in what a file calls itself; empty where only the vocabulary tells."""
    signature_tokens: tuple[str, ...] = ()
    """Tokens that no other family has, to know a file by that does not say what it is."""
    no_infill_reason: str = ""
    """Why it cannot infill whatever its vocabulary holds, as a sentence about "it"; empty where it can."""
    fim_markers: tuple[str, ...] = ()
    """The tokens before prefix, suffix and middle, the last left out where there is none; empty: those that llama.cpp finds."""
    suffix_first: bool = False
    """Whether the suffix stands before the prefix, as in training."""
    leading_space: bool = False
    """Whether the prefix was tokenised with sentencepiece's leading space."""
    multi_file_format: MultiFileFormat | None = None
    """How other files are shown; None where they are not."""
    infill_stop_tokens: tuple[str, ...] = ()
    """Tokens that end an infill, beside its markers and those that llama.cpp knows to end a generation."""
    turn_end_tokens: tuple[str, ...] = ()
    """Tokens that end an answer, beside those that llama.cpp knows to end a generation."""
    answer_end_texts: tuple[str, ...] = ()
    """Text at which an answer is cut, for families whose turns are marked by plain text."""
    chat_template: str = ""
    """A Jinja chat template for files that bring none; empty where the family has no instruct models, or all bring theirs."""
    infill_sampling: Sampling = Sampling(temperature=0.0, top_k=40, top_p=0.95)
    """How an infill is sampled; a retry is hotter."""
    chat_sampling: Sampling = Sampling(temperature=0.2, top_k=40, top_p=0.95)
    """How an answer is sampled where neither the request nor a setting says."""

    next_edit_format: NextEditFormat | None = None
    """How it is asked for the next edit; None where it was not trained for that."""

    @property
    def is_multi_file(self) -> bool:
        """Whether it was trained to see other files beside the one with the hole."""
        return self.multi_file_format is not None

    def matches_name(self, identity: ModelIdentity) -> bool:
        """Whether the file says that it is of this family."""
        return bool(self.name_pattern and re.search(self.name_pattern, identity.names, re.IGNORECASE))

    def matches_vocabulary(self, tokenizer: Tokenizer) -> bool:
        """Whether the vocabulary can only be this family's."""
        return bool(self.signature_tokens) and all(tokenizer.find_token(text) >= 0 for text in self.signature_tokens)

    def can_infill(self, tokenizer: Tokenizer) -> bool:
        """Whether it was trained for it and the vocabulary has what it takes."""
        return not self.no_infill_reason and min(self._find_markers(tokenizer)) >= 0

    def find_infill_ends(self, tokenizer: Tokenizer) -> frozenset[int]:
        """Tokens by which a model leaves the hole, beside those that end any generation."""
        marks = [mark for mark in self._find_markers(tokenizer) if mark >= 0]
        return tokenizer.fim.collect_ids().union(marks, _find_tokens(self.infill_stop_tokens, tokenizer))

    def find_chat_ends(self, tokenizer: Tokenizer) -> frozenset[int]:
        """Tokens by which a model ends its turn, beside those that end any generation."""
        return self.find_infill_ends(tokenizer) | _find_tokens((*COMMON_TURN_ENDS, *self.turn_end_tokens), tokenizer)

    def count_overhead(self, segments: Sequence[Segment], tokenizer: Tokenizer) -> int:
        """Tokens of the markers around the prefix and the suffix, at most."""
        bare = len(self.arrange([(segment, []) for segment in segments], tokenizer))
        return bare + self.leading_space - sum(self.count_segment_overhead(segment, tokenizer) for segment in segments)

    def count_segment_overhead(self, segment: Segment, tokenizer: Tokenizer) -> int:
        """Tokens that one more repository or file segment costs beyond its text."""
        if self.multi_file_format is None or segment.kind is not SegmentKind.FILE:
            return 0
        return len(self._encode_heading(self.multi_file_format, segment.path, tokenizer)) + len(
            _encode_marker(self.multi_file_format.file_separator, tokenizer)
        )

    def arrange(self, shown_segments: Sequence[tuple[Segment, list[int]]], tokenizer: Tokenizer) -> list[int]:
        """The prompt, from the segments that are shown and their tokens."""
        before, inside = self._arrange_files(shown_segments, tokenizer)
        prefix, suffix, *middle = self._find_markers(tokenizer)
        text = inside + _join_tokens(shown_segments, SegmentKind.PREFIX)
        text = _add_leading_space(text, tokenizer) if self.leading_space else text
        halves = [[prefix, *text], [suffix, *_join_tokens(shown_segments, SegmentKind.SUFFIX)]]
        if self.suffix_first:
            halves.reverse()
        begin = [tokenizer.bos] if tokenizer.bos >= 0 else []
        return [*begin, *before, *halves[0], *halves[1], *middle]

    def locate_suffix(self, prompt: Sequence[int], tokenizer: Tokenizer) -> tuple[int, int]:
        """Where an arranged prompt's suffix begins, its marker included, and ends; the same twice where it precedes the prefix."""
        if self.suffix_first:
            return 0, 0
        return prompt.index(self._find_markers(tokenizer)[1]), len(prompt) - 1

    def _find_markers(self, tokenizer: Tokenizer) -> list[int]:
        fim = tokenizer.fim
        markers = [fim.prefix, fim.suffix, fim.middle]
        if not self.fim_markers:
            return markers
        ids = [tokenizer.find_token(text) for text in self.fim_markers]
        return [mine if mine >= 0 else theirs for mine, theirs in zip(ids, markers, strict=False)]

    def _arrange_files(
        self, shown_segments: Sequence[tuple[Segment, list[int]]], tokenizer: Tokenizer
    ) -> tuple[list[int], list[int]]:
        """The other files and the path of the own one: what stands before all markers, and what behind the prefix marker."""
        form = self.multi_file_format
        files = [(segment, tokens) for segment, tokens in shown_segments if segment.kind is SegmentKind.FILE]
        if form is None or not files:
            return [], []
        before: list[int] = []
        gap: list[int] = []
        if form.repository_marker and (name := next((s.text for s, _ in shown_segments if s.kind is SegmentKind.REPOSITORY), "")):
            before += _encode_marker(form.repository_marker, tokenizer) + tokenizer.encode(name + form.repository_terminator)
        for segment, tokens in files:
            before += [*gap, *self._encode_heading(form, segment.path, tokenizer), *tokens]
            gap = _encode_marker(form.file_separator, tokenizer)
        inside: list[int] = []
        if path := next((s.path for s, _ in shown_segments if s.kind is SegmentKind.PREFIX and s.path), ""):
            mark, line = _encode_marker(form.path_marker, tokenizer), tokenizer.encode(path + "\n")
            before += [*gap, *mark] if form.path_after_prefix_marker else [*gap, *mark, *line]
            inside = line if form.path_after_prefix_marker else []
        else:
            before += gap
        return ([], before + inside) if form.files_after_prefix_marker else (before, inside)

    @staticmethod
    def _encode_heading(file_format: MultiFileFormat, path: str, tokenizer: Tokenizer) -> list[int]:
        return _encode_marker(file_format.path_marker, tokenizer) + tokenizer.encode(path + "\n")


CHATML_TEMPLATE = """\
{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{% endfor %}
{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"""
"""The turns of Qwen, SmolLM2 and many others, as OpenAI once wrote them down (ChatML)."""

COMMON_TURN_ENDS = (
    "<|im_end|>",
    "<end_of_turn>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|end|>",
    "<|end_of_text|>",
    "<|endoftext|>",
    "<|EOT|>",
)
"""Tokens that end a turn in whatever vocabulary has them."""


def _find_tokens(texts: Iterable[str], tokenizer: Tokenizer) -> frozenset[int]:
    return frozenset(token for text in texts if (token := tokenizer.find_token(text)) >= 0)


def _encode_marker(text: str, tokenizer: Tokenizer) -> list[int]:
    """The control token spelled so, or the tokens of the text."""
    token = tokenizer.find_token(text) if text else -1
    return [token] if token >= 0 else tokenizer.encode(text)


def _join_tokens(shown_segments: Sequence[tuple[Segment, list[int]]], kind: SegmentKind) -> list[int]:
    """The tokens of every shown segment of one kind, in order."""
    return [token for segment, tokens in shown_segments if segment.kind is kind for token in tokens]


def _add_leading_space(tokens: list[int], tokenizer: Tokenizer) -> list[int]:
    """With sentencepiece's leading space in the first token, where that costs one more token at most."""
    if not tokens:
        return tokens
    lead = tokenizer.encode(" " + tokenizer.token_to_piece(tokens[0]).decode("utf-8", "replace"))
    whole = b"".join(map(tokenizer.token_to_piece, lead)) == b" " + tokenizer.token_to_piece(tokens[0])
    return lead + tokens[1:] if whole and len(lead) <= 2 else tokens
