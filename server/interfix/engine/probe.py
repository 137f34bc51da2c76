"""A process that loads a model and decodes with it, and may die of it. Its exit code is the answer; knows nothing else."""

import sys

from interfix.engine.cores import Cores
from interfix.engine.runtime import Abort, Weights
from interfix.engine.setup import Setup

TOKENS = 64
"""Enough for the matrix kernels that single tokens never reach."""


def main(model: str, layout: str) -> None:
    """Decode a prompt and one more token with the `fast` or the `slow` weight layout."""
    weights = Weights(model, Setup(extra_buffers=layout == "fast"))
    context = weights.context(512, 1, Cores(0), Abort())
    tokens = (weights.vocabulary.encode("def probe(value):\n    return value\n") * TOKENS)[:TOKENS]
    context.decode(tokens, 0, 0)
    context.decode(tokens[:1], TOKENS, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
