"""What came out of one stream: text, log-probabilities, and why it ended."""

from interfix.completion.branch_points import Branch, plan_branches
from interfix.inference_types import GeneratedToken, GenerationStart


class RawCompletion:
    """Fills while the stream runs."""

    def __init__(self) -> None:
        self.model = ""
        """Name of the model that writes."""
        self.prompt_tokens = 0
        """Length of its prompt, tokens."""
        self.is_brief = False
        """Whether that was a brief one, for the whole one would have taken too long to read."""
        self.text = ""
        """What is kept, with `\\n` line endings."""
        self.stop_rule = ""
        """Name of the stop rule that ended it; empty where none did."""
        self.token_texts: list[str] = []
        """The text of every token, in order."""
        self.token_logprobs: list[float] = []
        """Natural log-probability of every token."""
        self.branches: tuple[Branch, ...] = ()
        """How other answers to the same prompt might begin, the likeliest first."""
        self._tokens: list[GeneratedToken] = []
        self.removed: list[float] = []
        """By token, the probability that a guide took from names which do not exist, 0 to 1."""

    def start(self, event: GenerationStart) -> None:
        """The prompt is read."""
        self.model, self.prompt_tokens, self.is_brief = event.model, event.prompt_tokens, event.is_brief

    def add_token(self, token: GeneratedToken) -> None:
        """The next token."""
        self.token_texts.append(token.text)
        self.token_logprobs.append(token.logprob)
        self._tokens.append(token)
        self.removed.append(token.removed)

    def truncate(self, text: str, stop_rule: str) -> None:
        """The stream is over, and this much of it is kept."""
        self.text, self.stop_rule = text, stop_rule
        self.branches = plan_branches(self._tokens)

    @property
    def mean_logprob(self) -> float:
        """Mean log-probability of the tokens that are kept whole; 0 where there is none."""
        end, logprobs = 0, []
        for piece, logprob in zip(self.token_texts, self.token_logprobs, strict=True):
            end += len(piece)
            if end > len(self.text):
                break
            logprobs.append(logprob)
        return sum(logprobs) / len(logprobs) if logprobs else 0.0
