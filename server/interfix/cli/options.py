"""Options that several commands have."""

from typing import Annotated

import typer

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
ModelOption = Annotated[str, typer.Option("--model", metavar="NAME", help="A catalog name or a GGUF file, for this once.")]
