"""Where an answer might have gone another way: its branches, by how likely the model thought them."""

from collections.abc import Sequence

from interfix.inference_types import GeneratedToken, StartToken

MAX_BRANCHES = 5
"""Branches that are worth a try: some come to the same text, or to none."""

Branch = tuple[StartToken, ...]
"""What an answer begins with: tokens of another answer to the same prompt, and one that was nearly chosen there."""


def plan_branches(tokens: Sequence[GeneratedToken]) -> tuple[Branch, ...]:
    """The branches of an answer on its first line with anything on it, the likeliest first; none where no runners-up are told.

    A branch is as likely as the tokens before it and its own together.
    """
    ranked: list[tuple[float, Branch]] = []
    likelihood, text = 0.0, ""
    start: list[StartToken] = []
    for token in tokens:
        lead = tuple(StartToken(each, 0.0) for each in token.lead)
        if token.runner_up >= 0:
            other = StartToken(token.runner_up, token.runner_up_logprob)
            ranked.append((likelihood + other.logprob, (*start, *lead, other)))
        if token.token < 0:
            break
        likelihood += token.logprob
        start += [*lead, StartToken(token.token, token.logprob)]
        text += token.text
        if "\n" in text.lstrip("\r\n"):
            break
    return tuple(branch for _, branch in sorted(ranked, key=lambda each: -each[0])[:MAX_BRANCHES])
