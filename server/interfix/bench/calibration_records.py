"""What a calibration has found so far, in a file of one JSON object a line: a later run goes on from there."""

import hashlib
from pathlib import Path

import msgspec

from interfix.bench.calibration_fit import LabelledSuggestion
from interfix.bench.fim_case_files import InfillCase
from interfix.errors import UsageError


class CalibrationRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of a case."""

    model: str
    """Who completed it."""
    case: str
    """The case, by a hash of its place and of the text around its hole."""
    suggestion: LabelledSuggestion | None = None
    """What was suggested, and whether it was right; None where nothing was."""


class CalibrationRecords:
    """The records of one model."""

    def __init__(self, model: str, file: Path | None = None) -> None:
        """Without a file nothing is kept. Raises `UsageError` where the file cannot be read."""
        self._model = model
        self._file = file
        self._known: dict[str, CalibrationRecord] = {}
        if file is not None and file.exists():
            try:
                records = msgspec.json.Decoder(CalibrationRecord).decode_lines(file.read_bytes())
            except (OSError, msgspec.MsgspecError) as error:
                raise UsageError(f"{file} is not what another calibration has kept: {error}. Name another file.") from None
            self._known = {each.case: each for each in records if each.model == model}

    def __contains__(self, case: InfillCase) -> bool:
        return _hash_case(case) in self._known

    def add(self, case: InfillCase, suggestion: LabelledSuggestion | None) -> None:
        """Remember what came of a case. Raises `UsageError` where that cannot be written."""
        record = CalibrationRecord(self._model, _hash_case(case), suggestion)
        self._known[record.case] = record
        if self._file is not None:
            try:
                with self._file.open("ab") as out:
                    out.write(msgspec.json.encode(record) + b"\n")
            except OSError as error:
                raise UsageError(f"{self._file} cannot be written: {error.strerror}.") from None

    def list_suggestions(self) -> list[LabelledSuggestion]:
        """All that was suggested, in the order of the cases."""
        return [each.suggestion for each in self._known.values() if each.suggestion is not None]

    def count_cases(self) -> int:
        """Cases with a record."""
        return len(self._known)


def _hash_case(case: InfillCase) -> str:
    return hashlib.sha256("\0".join((case.root, case.path, str(case.id), case.prefix, case.suffix)).encode()).hexdigest()[:24]
