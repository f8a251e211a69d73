"""Between two kernels: a test in one of them uses what a student has written in the other.

Nothing but values crosses (src/assignments/remote). The student's code may change its own process, even the library or
JavaScript itself: the test's process is not affected.
"""

import itertools
import json
import queue
import time
from collections.abc import Callable
from typing import Any

from .sandbox import KernelEnded, SandboxedKernel, is_idle

SESSIONS = itertools.count(1)

#: How long a kernel that lends nothing any more may take to say so.
PATIENCE_SECONDS = 5

#: How many of the student's messages are taken before the test is looked after again.
MESSAGES_AT_ONCE = 200


class Lending:
    """From its beginning to its end, the names can be borrowed. `take` gets the messages of the student's kernel."""

    def __init__(
        self,
        student: SandboxedKernel,
        examiner: SandboxedKernel,
        names: list[str],
        take: Callable[[dict[str, Any]], None],
    ):
        self._student = student
        self._examiner = examiner
        self._take = take
        self._session = next(SESSIONS)
        self._over = False
        student.lines.listener, examiner.lines.listener = examiner.lines.send, student.lines.send
        self._request = student.send(_lend(student, self._session, names))
        #: Code that the examiner runs before the test.
        self.borrowing = _borrow(examiner, self._session, names)

    def check(self) -> None:
        """Takes what the student's code has published so far.

        @raises KernelEnded if the student's process ended or lends nothing any more
        """
        self._listen()
        self._student.check_alive()
        if self._over:
            raise KernelEnded("The code stopped the tests from calling it.")

    def break_off(self, reason: str) -> None:
        """Lets every call of the test fail, now and later."""
        self._over = True
        self._examiner.lines.send_now(self._end(reason))

    def end(self) -> None:
        """Lets the student's kernel go on. This ends soon in every case.

        @raises KernelEnded if it does not go on
        """
        self._examiner.lines.listener = self._student.lines.listener = None
        if self._over:
            return
        self._student.lines.send_now(self._end("The test is over."))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._over:
            self._student.check_alive()
            if time.monotonic() > deadline:
                raise KernelEnded("The code went on after the test had ended.")
            self._listen(timeout=0.1)

    def _listen(self, timeout: float = 0) -> None:
        for _ in range(MESSAGES_AT_ONCE):
            try:
                message = self._student.receive(self._request, timeout)
            except queue.Empty:
                return
            if message is None:
                continue
            self._take(message)
            if is_idle(message):
                self._over = True
                return

    def _end(self, reason: str) -> bytes:
        return json.dumps({"session": self._session, "ended": reason}).encode() + b"\n"


def _lend(kernel: SandboxedKernel, session: int, names: list[str]) -> str:
    """The code for the student's kernel. A name that is not declared there fails when it is asked for."""
    entries = [f"// @ts-ignore\n{json.dumps(name)}: () => {name}," for name in names]
    return "\n".join(["// @ts-ignore", f"await require({_remote(kernel)}).lend({session}, {{", *entries, "});"])


def _borrow(kernel: SandboxedKernel, session: int, names: list[str]) -> str:
    if not names:
        return ""
    return f"const {{ {', '.join(names)} }}: any = require({_remote(kernel)}).borrow({session}, {json.dumps(names)});"


def _remote(kernel: SandboxedKernel) -> str:
    """Where a kernel finds its side of the conversation."""
    return json.dumps(str(kernel.project / "dist" / "assignments" / "remote"))
