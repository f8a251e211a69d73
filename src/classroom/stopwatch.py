"""The time that code takes."""

import time
from collections.abc import Callable


class Stopwatch:
    """Time that code takes: on a busy machine, and for code that waits, the clock alone would be unfair or blind."""

    def __init__(self, cpu_seconds: Callable[[], float], patience: int):
        self._cpu_seconds = cpu_seconds
        self._patience = patience
        self._started = (time.monotonic(), cpu_seconds())

    def is_past(self, seconds: float) -> bool:
        """Whether the code has computed for longer than that, or has taken far longer by the clock."""
        clock = time.monotonic() - self._started[0]
        if clock <= seconds:
            return False
        return clock > self._patience * seconds or self._cpu_seconds() - self._started[1] > seconds
