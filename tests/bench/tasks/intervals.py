"""Half-open intervals of numbers, as a calendar or an allocator keeps them."""


def merge(intervals):
    """Return the intervals sorted, those that overlap or touch joined into one."""
    merged = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def gaps(intervals, low, high):
    """Return the stretches between low and high that no interval covers."""
    free = []
    at = low
    for start, end in merge(intervals):
        if start >= high:
            break
        if start > at:
            free.append((at, start))
        at = max(at, end)
    if at < high:
        free.append((at, high))
    return free


def longest(intervals):
    """Return the longest interval, the first of several; None where there are none."""
    best = None
    for interval in intervals:
        if best is None:
            best = interval
        elif interval[1] - interval[0] > best[1] - best[0]:
            best = interval
    return best
