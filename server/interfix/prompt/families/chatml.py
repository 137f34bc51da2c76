"""Models with ChatML turns: SmolLM and SmolLM2, and whatever vocabulary has its two tokens. They use the file's own template.

Sources: the card of HuggingFaceTB/SmolLM2-1.7B-Instruct; that it was not trained for infill follows from its vocabulary, which has
no FIM tokens.
"""

from interfix.prompt.families.family import CHATML, Family

SMOLLM = Family(
    name="smollm",
    called=r"smol[-_ ]?lm",
    refusal="It is a SmolLM model: it was trained to continue text and to answer, not to fill a hole.",
    template=CHATML,
    turn_ends=("<|im_start|>",),
)

CHATML_MODELS = Family(
    name="chatml",
    signature=("<|im_start|>", "<|im_end|>"),
    template=CHATML,
    turn_ends=("<|im_start|>",),
)
