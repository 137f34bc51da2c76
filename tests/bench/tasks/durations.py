"""Durations as people write them: "1h 30m", "45s"."""

import re

_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_PART = re.compile(r"(\d+)\s*([dhms])")


def parse_duration(text):
    """Return the seconds that a text such as "1h 30m" stands for."""
    seconds = 0
    for count, unit in _PART.findall(text.lower()):
        seconds += int(count) * _UNITS[unit]
    return seconds


def format_duration(seconds, parts=2):
    if seconds < 0:
        return "-" + format_duration(-seconds, parts)
    else:
        if seconds < 1:
            return "0s"
        else:
            found = []
            for unit, size in _UNITS.items():
                count, seconds = divmod(seconds, size)
                if count >= 1:
                    found.append(str(int(count)) + unit)
            return " ".join(found[:parts])


def due(now, last, every):
    """Tell how long it is until something that happens at intervals has to happen again."""
    if last is None:
        return "now"
    rest = last + parse_duration(every) - now
    return "now" if rest <= 0 else "in " + format_duration(rest)
