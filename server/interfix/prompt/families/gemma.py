"""The general Gemma models, which have no infill, and bring their own template.

Source: the vocabulary of Gemma 3 270M, which has no FIM tokens. That the later ones have none, either, could not be checked.
"""

from interfix.prompt.families.family import Family

GEMMA = Family(
    name="gemma",
    name_pattern=r"(?<![a-z])gemma",
    no_infill_reason="It is a general Gemma model: it was trained to continue text and to answer, not to fill a hole.",
)
