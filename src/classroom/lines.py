"""The lines that a process reads and writes, carried by threads, so that no process can keep the grader waiting."""

import contextlib
import queue
import subprocess
import threading
from collections.abc import Callable

LONGEST_LINE = 16 * 1024 * 1024

#: A conversation has one line under way; a program that follows the rules writes no more than these.
UNDER_WAY = 16


class Lines:
    """Standard input and output of a process that was started with pipes for both."""

    def __init__(self, process: subprocess.Popen, on_long_line: Callable[[], None]):
        self._process = process
        self._on_long_line = on_long_line
        self._waiting: queue.Queue[bytes] = queue.Queue(UNDER_WAY)
        #: Receives what the process writes. Default: nobody.
        self.listener: Callable[[bytes], None] | None = None
        for work in (self._read, self._write):
            threading.Thread(target=work, daemon=True).start()

    def send(self, line: bytes) -> None:
        """Gives the process a line to read, unless it does not read what it was given before."""
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(line)

    def send_now(self, line: bytes) -> None:
        """Gives the process this line instead of those that it has not read yet."""
        try:
            while True:
                self._waiting.get_nowait()
        except queue.Empty:
            self.send(line)

    def close(self) -> None:
        """After the process has ended: ends the threads."""
        self.send_now(b"")

    def _read(self) -> None:
        while line := self._process.stdout.readline(LONGEST_LINE):
            if len(line) == LONGEST_LINE:
                self._on_long_line()
                return
            listener = self.listener
            if listener is not None and line.strip():
                listener(line)

    def _write(self) -> None:
        # It is an error of the operating system to write to a process that has ended.
        with contextlib.suppress(OSError):
            while line := self._waiting.get():
                self._process.stdin.write(line)
                self._process.stdin.flush()
