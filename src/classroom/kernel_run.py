"""Runs the cells of a hand-in, whatever they do: a cell that ends the kernel or never ends costs itself only.

The student's code runs in one kernel. The tests run in another, the examiner, which the student's code never enters:
it borrows the functions that it tests (lending.py). Locked released cells that are not tests run in both.

When a kernel is gone it is restarted, and the cells before that did not fail and are not tests are run again, so that
the next cell finds what it needs.
"""

import queue
import re
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode

from .lending import Lending
from .outputs import OutputCollector, error, failed, is_locked, is_test, text
from .sandbox import KernelEnded, Limits, SandboxedKernel, is_idle
from .stopwatch import Stopwatch

#: How often, in seconds, a running cell is looked after.
TICK = 0.25


class NotebookRun:
    """The execution of one notebook; `notes` says what went wrong, in sentences for the teacher."""

    def __init__(self, limits: Limits, project: Path, files: Path | None = None, asked: Collection[str] = ()):
        """@param project what the student's kernel finds of the library (library.py)"""
        self.limits = limits
        self.project = project
        self.files = files
        #: The names that the student was to write something for: what tests may borrow.
        self.asked = sorted(asked)
        self.notes: list[str] = []
        self._kernel: SandboxedKernel | None = None
        self._examiner: SandboxedKernel | None = None
        #: The cells that a new kernel runs first, the student's and the examiner's.
        self._alive: list[NotebookNode] = []
        self._locked: list[NotebookNode] = []
        #: How many of the locked cells the examiner has run.
        self._prepared = 0
        self._starts = 0
        #: Processor time of kernels that have ended.
        self._cpu_before = 0.0
        self._clock = Stopwatch(self._cpu_seconds, limits.patience)

    def run(self, cells: list[NotebookNode]) -> None:
        """Runs the code cells in order and writes their outputs into them. Never raises because of a cell."""
        self._clock = Stopwatch(self._cpu_seconds, self.limits.patience)
        before: tuple[int, NotebookNode] | None = None
        try:
            for number, cell in enumerate(cells, 1):
                if cell.cell_type != "code":
                    continue
                cell.outputs, cell.execution_count = [], None
                if not cell.source.strip():
                    continue
                if before is not None:
                    self._look_after(*before)
                before = number, cell
                (self._run_test if is_test(cell) else self._run_cell)(number, cell)
        finally:
            self._end_kernel()
            self._end_examiner()

    def _look_after(self, number: int, cell: NotebookNode) -> None:
        """A kernel that has ended by now was ended by the cell that ran last, by a timer for example."""
        try:
            if self._kernel is not None:
                self._kernel.check_alive()
        except KernelEnded as ended:
            self._note(number, cell, str(ended))
            # Checks that the test made before that still count: an error would make it worthless.
            cell.outputs.append(_stopped(ended) if is_test(cell) else error("StoppedByGrader", str(ended)))
            self._end_kernel()
            self._alive = [other for other in self._alive if other is not cell]

    def _run_cell(self, number: int, cell: NotebookNode) -> None:
        try:
            kernel = self._ensure_kernel()
            with self._collecting(cell) as collector:
                self._execute(kernel, cell.source, collector.take, self._guard(kernel))
        except KernelEnded as ended:
            self._give_up(number, cell, ended)
        if is_locked(cell):
            self._locked.append(cell)
        if not failed(cell):
            self._alive.append(cell)

    def _run_test(self, number: int, cell: NotebookNode) -> None:
        try:
            kernel, examiner = self._ensure_kernel(), self._ensure_examiner()
        except KernelEnded as ended:
            self._give_up(number, cell, ended)
            self._end_examiner()
            return
        names = [name for name in self.asked if re.search(rf"\b{re.escape(name)}\b", cell.source)]
        with self._collecting(cell) as collector:
            lending = Lending(kernel, examiner, names, collector.take_text)
            try:
                self._examine(number, cell, lending, collector)
            except KernelEnded as ended:
                self._note(number, cell, str(ended))
                cell.outputs.append(error("StoppedByGrader", str(ended)))
                self._end_examiner()
            try:
                lending.end()
            except KernelEnded as ended:
                self._note(number, cell, str(ended))
                self._end_kernel()

    def _examine(self, number: int, cell: NotebookNode, lending: Lending, collector: OutputCollector) -> None:
        """Runs a test. If the student's kernel ends meanwhile, the test goes on without it: part may have been right.

        @raises KernelEnded if the test itself does not come to its end
        """
        check_time = self._limit()

        def watch() -> None:
            nonlocal check_time
            self._examiner.check_alive()
            if self._kernel is None:
                check_time()
                return
            try:
                lending.check()
                check_time()
            except KernelEnded as ended:
                self._note(number, cell, str(ended))
                cell.outputs.append(_stopped(ended))
                lending.break_off(str(ended))
                self._end_kernel()
                check_time = self._limit()

        self._execute(self._examiner, lending.borrowing, lambda _: None, watch)
        self._execute(self._examiner, cell.source, collector.take, watch)

    def _ensure_kernel(self) -> SandboxedKernel:
        """The student's kernel, in which the cells so far have run."""
        if self._kernel is not None:
            return self._kernel
        if self._clock.is_past(self.limits.notebook_seconds):
            raise KernelEnded(f"Not run: the notebook had used up its {self.limits.notebook_seconds} seconds.")
        if self._starts > self.limits.restarts:
            raise KernelEnded(f"Not run: the kernel had ended {self._starts} times.")
        self._starts += 1
        self._kernel = SandboxedKernel(self.limits, self.files, self.project, untyped=not self.limits.types).start()
        for cell in self._alive:
            self._execute(self._kernel, cell.source, lambda _: None, self._guard(self._kernel))
        return self._kernel

    def _ensure_examiner(self) -> SandboxedKernel:
        """The tests' kernel, in which all that was released locked has run."""
        if self._examiner is None:
            # Tests are the teacher's and the same for all: their types need not be checked for each hand-in.
            self._examiner = SandboxedKernel(self.limits, self.files, untyped=True).start()
            self._prepared = 0
        for cell in self._locked[self._prepared :]:
            self._execute(self._examiner, cell.source, lambda _: None, self._guard(self._examiner))
        self._prepared = len(self._locked)
        return self._examiner

    def _execute(
        self, kernel: SandboxedKernel, source: str, take: Callable[[dict[str, Any]], None], watch: Callable[[], None]
    ) -> None:
        """Sends code to a kernel and hands over what it publishes, until it is idle again; meanwhile it calls `watch`."""
        request = kernel.send(source)
        next_look = 0.0
        while True:
            if time.monotonic() > next_look:
                watch()
                next_look = time.monotonic() + TICK
            try:
                message = kernel.receive(request, TICK)
            except queue.Empty:
                continue
            if message is not None and is_idle(message):
                return
            if message is not None:
                take(message)

    def _guard(self, kernel: SandboxedKernel) -> Callable[[], None]:
        """The function to call while a cell runs in a kernel: it raises KernelEnded when the kernel is gone or time is up."""
        check_time = self._limit()

        def guard() -> None:
            kernel.check_alive()
            check_time()

        return guard

    def _limit(self) -> Callable[[], None]:
        """The time of a cell that begins now: a function that raises KernelEnded when it is up."""
        limits, clock = self.limits, Stopwatch(self._cpu_seconds, self.limits.patience)

        def check_time() -> None:
            if clock.is_past(limits.cell_seconds):
                raise KernelEnded(f"The cell ran for more than {limits.cell_seconds} seconds: an endless loop?")
            if self._clock.is_past(limits.notebook_seconds):
                raise KernelEnded(f"The notebook ran for more than {limits.notebook_seconds} seconds in all.")

        return check_time

    @contextmanager
    def _collecting(self, cell: NotebookNode) -> Iterator[OutputCollector]:
        """The output of the cell's kernels goes into the cell; a note at the end says if some was left out."""
        collector = OutputCollector(cell, self.limits.output_kb * 1024)
        try:
            yield collector
        finally:
            if collector.dropped:
                cell.outputs.append(text(f"… output beyond {self.limits.output_kb} KB is left out.\n"))
                self.notes.append(f"A cell printed more than {self.limits.output_kb} KB; the rest is left out.")

    def _give_up(self, number: int, cell: NotebookNode, ended: KernelEnded) -> None:
        """Notes that a cell ended the student's kernel, there and for the teacher."""
        self._note(number, cell, str(ended))
        cell.outputs.append(error("StoppedByGrader", str(ended)))
        self._end_kernel()

    def _note(self, number: int, cell: NotebookNode, reason: str) -> None:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        self.notes.append(f"Cell {number}{f' ({name})' if name else ''}: {reason}")

    def _cpu_seconds(self) -> float:
        return self._cpu_before + sum(kernel.cpu_seconds() for kernel in (self._kernel, self._examiner) if kernel)

    def _end_kernel(self) -> None:
        self._cpu_before += _end(self._kernel)
        self._kernel = None

    def _end_examiner(self) -> None:
        self._cpu_before += _end(self._examiner)
        self._examiner = None


def _stopped(ended: KernelEnded) -> NotebookNode:
    return text(f"Stopped by the grader: {ended}\n")


def _end(kernel: SandboxedKernel | None) -> float:
    """Ends a kernel, if there is one; returns the processor time that it has used."""
    if kernel is None:
        return 0
    seconds = kernel.cpu_seconds()
    kernel.stop()
    return seconds
