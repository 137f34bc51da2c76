"""Values that were used a short time ago."""

import time


class RecentCache:
    """Keeps the values that were used last, each no longer than some seconds."""

    def __init__(self, size, seconds, clock=time.monotonic):
        self._size = size
        self._seconds = seconds
        self._clock = clock
        self._entries = {}

    def get(self, key, default=None):
        """Return the value under a key, which then counts as used; the default where there is none any more."""
        entry = self._entries.pop(key, None)
        if entry is None:
            return default
        value, until = entry
        if until <= self._clock():
            return default
        self._entries[key] = entry
        return value

    def put(self, key, value):
        """Keep a value; the one that has not been used for longest goes where there are too many."""
        self._entries.pop(key, None)
        self._entries[key] = (value, self._clock() + self._seconds)
        if len(self._entries) > self._size:
            del self._entries[next(iter(self._entries))]

    def purge(self):
        now = self._clock()
        gone = []
        for key in self._entries:
            if self._entries[key][1] <= now:
                gone.append(key)
        for key in gone:
            del self._entries[key]
        return len(gone)
