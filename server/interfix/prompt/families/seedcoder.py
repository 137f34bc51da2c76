"""Seed-Coder: the suffix first, markers in square brackets. Instruct files bring their own template.

Source: the Seed-Coder report (arXiv 2506.03524), section on fill-in-the-middle: `<[fim-suffix]>S<[fim-prefix]>P<[fim-middle]>`,
chosen because both ends next to the hole lie at the ends of the prompt then. Single documents only, so no other files are shown.
"""

from interfix.prompt.families.family import Family

SEED_CODER = Family(
    name="seed-coder",
    name_pattern=r"seed[-_ ]?coder",
    signature_tokens=("<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>"),
    fim_markers=("<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>"),
    suffix_first=True,
    infill_stop_tokens=("<[end▁of▁sentence]>", "<[begin▁of▁sentence]>", "<[PAD▁TOKEN]>", "<[SEP▁TOKEN]>"),
    turn_end_tokens=("<[end▁of▁sentence]>", "<[begin▁of▁sentence]>"),
)
