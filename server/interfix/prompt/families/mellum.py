"""Mellum: the suffix first, other files with their paths before all markers. Of the first there are no instruct models.

Source: the cards of JetBrains/Mellum-4b-base and its tuned variants, whose example with other files reads `<filename>path⏎code…
<filename>path⏎<fim_suffix>S<fim_prefix>P<fim_middle>`.

Mellum 2 (12B-A2.5B, arXiv 2605.31268) is a general successor in base, instruct and thinking files: a mixture of experts with
sliding windows. Its report says that half of its holes had the suffix first, and does not spell the tokens; a public bench of
completions (tsugi.nvim) uses the layout of the first one with it and found it more precise than Sweep's 7B. The
probe of the role decides.
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
