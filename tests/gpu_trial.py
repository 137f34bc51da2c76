"""A process that computes on the GPU that the environment names, and prints what came of it as JSON.

Arguments: a model file, how many layers go to the GPU (-1: as many as fit), and how many tokens to write.
"""

import json
import sys
import threading
import time

from interfix.engine import library
from interfix.engine.cores import Cores
from interfix.engine.llamacpp.binding import library as chosen
from interfix.engine.runtime import Abort, Aborted, Context, Weights
from interfix.engine.setup import Setup

PROMPT = "def probe(value):\n    return value\n"


def written(context: Context, tokens: list[int], count: int) -> list[int]:
    """The greedy tokens after a prompt, in sequence 0."""
    answer: list[int] = []
    for _ in range(count):
        context.decode(tokens, context.length(0), 0)
        tokens = [int(context.logits().argmax())]
        answer += tokens
    return answer


def main(model: str, layers: str, count: str) -> None:
    """Load, write, cancel, cut and shift."""
    weights, abort = Weights(model, Setup(gpu_layers=int(layers))), Abort()
    context = weights.context(2048, 2, Cores(2), abort)
    tokens = weights.vocabulary.encode(PROMPT)
    first = written(context, tokens, int(count))
    context.truncate(0, 0)
    threading.Timer(0.05, abort.set).start()
    began, aborted = time.monotonic(), False
    try:
        while context.length(0) + 512 < context.tokens and time.monotonic() < began + 60:
            context.decode((tokens * 64)[:512], context.length(0), 0)
    except Aborted:
        aborted = True
    kept = context.length(0)
    abort.set()
    time.sleep(0.1)
    abort.clear()
    context.truncate(0, 0)
    again = written(context, tokens, int(count))
    print(
        json.dumps(
            {
                "variant": chosen.variant,
                "gpus": [device.name for device in library.devices() if device.gpu],
                "free": library.gpu_memory(library.devices()),
                "layers": weights.gpu_layers,
                "cache_on_gpu": weights.cache_on_gpu,
                "written": first,
                "aborted": aborted,
                "whole_steps": kept % 128 == 0,
                "same_after": first == again,
                "passed_over": chosen.passed_over,
            }
        )
    )
    context.close()
    weights.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
