"""Which segments a full prompt leaves out first: the rank of each, apart from the code at the cursor."""

from interfix.inference_types import NEEDED_RANK_LIMIT

SCOPE = 1
"""Headers of the definitions around the cursor."""
RECEIVER_FILES = 2
"""The first of the files, up to `gathering.TOP_FILES`, that say what the object right before the cursor is."""
SIMILAR_LINES = 5
"""Lines elsewhere that stand as the cursor's does; few tokens."""
IMPORTS = NEEDED_RANK_LIMIT - 1
"""The file's imports."""
REPOSITORY = NEEDED_RANK_LIMIT
"""The repository's name, which costs nothing where no other file is shown."""
NAMED_FILES = 8
"""The first of the files, up to `gatherer.TOP_FILES`, that define a name at the cursor, in their brief form where they have one."""
ADJACENT_CODE = 12
"""The code that goes on from the nearest, in both directions, up to `SIGNATURES`: the nearest first, whole."""
SIGNATURES = 50
"""Signatures of the definitions next to the cursor's own, for their bodies."""
FILES = 60
"""Other files, the best first, in their brief form where they have one."""
FILE_BODIES = 80
"""What the brief form of other files leaves out, likewise."""
DISTANT_SIGNATURES = 100
"""Signatures of definitions of this file farther off, the nearest first."""
DISTANT_CODE = 1000
"""This file's code away from the cursor, whole, the nearest first."""
REMAINING_FILES = 2000
"""Other files beyond the best few."""
