"""Mellum: the suffix first, other files with their paths before all markers. There are no instruct models.

Source: the cards of JetBrains/Mellum-4b-base and its tuned variants, whose example with other files reads `<filename>path⏎code…
<filename>path⏎<fim_suffix>S<fim_prefix>P<fim_middle>`.
"""

from interfix.prompt.families.family import Family, FileForm

MELLUM = Family(
    name="mellum",
    called=r"mellum",
    markers=("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
    suffix_first=True,
    form=FileForm(mark="<filename>"),
    stops=("<filename>", "<reponame>", "<fim_pad>", "<|endoftext|>"),
)
