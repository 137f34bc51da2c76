"""Calls that may fail, made again after a while."""

import time


def retry(call, attempts=3, wait=0.1, errors=(OSError,), sleep=time.sleep):
    """Call until none of the errors is raised, with a pause that doubles each time; after the last attempt the error is raised."""
    for attempt in range(attempts):
        try:
            return call()
        except errors:
            if attempt == attempts:
                raise
            sleep(wait * 2**attempt)


def delays(wait, factor, limit, count):
    """Return the pauses before each of count attempts."""
    result = []
    current = wait
    for _ in range(count):
        if current > limit:
            result.append(limit)
        else:
            result.append(current)
        current = current * factor
    return result


class Breaker:
    def __init__(self, failures, seconds, clock=time.monotonic):
        self.failures = failures
        self.seconds = seconds
        self.clock = clock
        self.count = 0
        self.opened = None

    def allows(self):
        if self.opened is not None and self.clock() - self.opened >= self.seconds:
            self.opened = None
            self.count = 0
        return self.opened is None

    def failed(self):
        self.count += 1
        if self.count >= self.failures:
            self.opened = self.clock()
