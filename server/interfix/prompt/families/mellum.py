"""Mellum: the suffix first, other files with their paths before all markers. There are no instruct models.

Source: the cards of JetBrains/Mellum-4b-base and its tuned variants, whose example with other files reads `<filename>path⏎code…
<filename>path⏎<fim_suffix>S<fim_prefix>P<fim_middle>`.
"""

from interfix.prompt.families.family import Family, MultiFileFormat

MELLUM = Family(
    name="mellum",
    name_pattern=r"mellum",
    fim_markers=("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
    suffix_first=True,
    multi_file_format=MultiFileFormat(path_marker="<filename>"),
    infill_stop_tokens=("<filename>", "<reponame>", "<fim_pad>", "<|endoftext|>"),
)
