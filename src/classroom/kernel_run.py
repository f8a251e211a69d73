"""Runs the cells of a hand-in, whatever they do: a cell that ends the kernel or never ends costs itself only.

When the kernel is gone it is started anew, and the cells before that did not fail and are no tests are run again, so
that the next cell finds what it needs.
"""

import queue
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

from .sandbox import KernelEnded, Limits, SandboxedKernel

#: What a graded notebook shows. HTML and scripts of a hand-in would run in the teacher's browser.
SAFE_TYPES = ("image/png", "image/jpeg", "application/vnd.plotly.v1+json", "application/json", "text/plain")

ANSI = re.compile(r"\x1b\[[0-9;]*m")
HIDDEN = re.compile("(BEGIN|END) HIDDEN TESTS")


class NotebookRun:
    """The execution of one notebook; `notes` says what went wrong, in sentences for the teacher."""

    def __init__(self, limits: Limits, files: Path | None = None):
        self.limits = limits
        self.files = files
        self.notes: list[str] = []
        self._kernel: SandboxedKernel | None = None
        self._starts = 0
        #: Processor time of kernels that have ended.
        self._cpu_before = 0.0
        self._clock = Stopwatch(self._cpu_seconds, limits.patience)

    def run(self, cells: list[NotebookNode]) -> None:
        """Runs the code cells in order and writes their outputs into them. Never raises for what a cell does."""
        self._clock = Stopwatch(self._cpu_seconds, self.limits.patience)
        alive: list[NotebookNode] = []
        try:
            for number, cell in enumerate(cells, 1):
                if cell.cell_type != "code":
                    continue
                cell.outputs, cell.execution_count = [], None
                if not cell.source.strip():
                    continue
                self._look_after(number, cells, alive)
                try:
                    self._ensure_kernel(alive)
                    self._run_cell(cell)
                except KernelEnded as ended:
                    self._note(number, cell, str(ended))
                    cell.outputs.append(_error("StoppedByGrader", str(ended)))
                    self._end_kernel()
                if not is_test(cell) and not failed(cell):
                    alive.append(cell)
        finally:
            self._end_kernel()

    def _look_after(self, number: int, cells: list[NotebookNode], alive: list[NotebookNode]) -> None:
        """A kernel that ended between two cells was ended by the one before, by a timer for example."""
        try:
            if self._kernel is not None:
                self._kernel.check_alive()
        except KernelEnded as ended:
            before = max(n for n, cell in enumerate(cells[: number - 1], 1) if cell.cell_type == "code" and cell.source.strip())
            culprit = cells[before - 1]
            self._note(before, culprit, str(ended))
            culprit.outputs.append(_error("StoppedByGrader", str(ended)))
            alive[:] = [cell for cell in alive if cell is not culprit]
            self._end_kernel()

    def _ensure_kernel(self, alive: list[NotebookNode]) -> None:
        """A kernel in which the cells `alive` have run."""
        if self._kernel is not None:
            return
        if self._clock.is_past(self.limits.notebook_seconds):
            raise KernelEnded(f"Not run: the notebook had used up its {self.limits.notebook_seconds} seconds.")
        if self._starts > self.limits.restarts:
            raise KernelEnded(f"Not run: the kernel had ended {self._starts} times.")
        self._starts += 1
        kernel = SandboxedKernel(self.limits, self.files)
        kernel.__enter__()
        self._kernel = kernel
        for cell in alive:
            self._execute(cell.source, lambda _: None)

    def _run_cell(self, cell: NotebookNode) -> None:
        collector = OutputCollector(cell, self.limits.output_kb * 1024)
        try:
            self._execute(cell.source, collector.take)
        finally:
            if collector.dropped:
                cell.outputs.append(_text(f"… output beyond {self.limits.output_kb} KB is left out.\n"))
                self.notes.append(f"A cell printed more than {self.limits.output_kb} KB; the rest is left out.")

    def _execute(self, source: str, take) -> None:
        """Sends code to the kernel and hands over what it publishes, until it is idle again."""
        kernel = self._kernel
        message_id = kernel.client.execute(source, store_history=True, allow_stdin=False, stop_on_error=False)
        clock = Stopwatch(self._cpu_seconds, self.limits.patience)
        next_look = 0.0
        while True:
            if time.monotonic() > next_look:
                if clock.is_past(self.limits.cell_seconds):
                    raise KernelEnded(f"The cell ran for more than {self.limits.cell_seconds} seconds: an endless loop?")
                if self._clock.is_past(self.limits.notebook_seconds):
                    raise KernelEnded(f"The notebook ran for more than {self.limits.notebook_seconds} seconds in all.")
                next_look = time.monotonic() + 0.25
            try:
                message = kernel.client.get_iopub_msg(timeout=0.25)
            except queue.Empty:
                kernel.check_alive()
                continue
            except Exception as broken:  # What a kernel sends is the hand-in's to choose.
                raise KernelEnded(f"The kernel sent something unreadable ({type(broken).__name__}).") from broken
            if message["parent_header"].get("msg_id") != message_id:
                continue
            if message["msg_type"] == "status" and message["content"].get("execution_state") == "idle":
                return
            take(message)

    def _note(self, number: int, cell: NotebookNode, reason: str) -> None:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        self.notes.append(f"Cell {number}{f' ({name})' if name else ''}: {reason}")

    def _cpu_seconds(self) -> float:
        return self._cpu_before + (self._kernel.cpu_seconds() if self._kernel else 0)

    def _end_kernel(self) -> None:
        if self._kernel is not None:
            self._cpu_before = self._cpu_seconds()
            self._kernel.__exit__()
        self._kernel = None


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


class OutputCollector:
    """Writes what the kernel publishes into a cell, up to a number of bytes."""

    def __init__(self, cell: NotebookNode, limit: int):
        self.cell = cell
        self.left = limit
        self.dropped = False

    def take(self, message: dict[str, Any]) -> None:
        kind, content = message["msg_type"], message["content"]
        try:
            if kind == "execute_input":
                self.cell.execution_count = int(content["execution_count"])
            elif kind == "clear_output":
                self.cell.outputs = []
            elif kind in ("stream", "display_data", "execute_result", "error"):
                # nbgrader gives 0 for any text on stderr: a student's console.warn is no mistake, so it is shown as stdout.
                if kind == "stream" and is_test(self.cell):
                    content["name"] = "stdout"
                self._append(nbformat.v4.output_from_msg(message))
        except Exception:  # Not what the protocol says: the hand-in has written to the kernel's sockets.
            self.cell.outputs.append(_error("UnreadableOutput", "The cell published something that is no output."))

    def _append(self, output: NotebookNode) -> None:
        if "data" in output:
            data = {kind: output.data[kind] for kind in SAFE_TYPES if kind in output.data}
            output.data = NotebookNode(data or {"text/plain": "(an output of a kind that is not shown)"})
        last = self.cell.outputs[-1] if self.cell.outputs else None
        size = len(str(output))
        # An error or a result decides about points: it is kept, shortened, however much was printed before.
        if output.output_type in ("stream", "display_data") and size > self.left:
            self.dropped = True
            if output.output_type == "display_data" or self.left <= 0:
                return
            output.text = output.text[: self.left]
        self.left -= size
        if output.output_type == "error":
            output.evalue = self._without_hidden(str(output.evalue)[:2000])
            lines = "\n".join(map(str, output.traceback))[:20_000].split("\n")
            output.traceback = [self._without_hidden("\n".join(lines[-60:]))]
        if output.output_type == "stream" and last is not None and last.get("name") == output.name:
            last.text += output.text
        else:
            self.cell.outputs.append(output)


    def _without_hidden(self, text: str) -> str:
        """An error's text without the lines of the hidden tests that it quotes: students read it in their feedback."""
        hidden = [line.strip() for line in hidden_lines(self.cell.source) if line.strip()]
        kept = [line for line in text.split("\n") if not any(secret in ANSI.sub("", line) for secret in hidden)]
        return "\n".join(kept)


def hidden_lines(source: str) -> list[str]:
    """The lines of a test that students do not get, with their marks."""
    lines = source.split("\n")
    bounds = [number for number, line in enumerate(lines) if HIDDEN.search(line)]
    return [line for start, end in zip(bounds[::2], bounds[1::2]) for line in lines[start : end + 1]]


def is_test(cell: NotebookNode) -> bool:
    """Whether the cell's output is graded."""
    settings = cell.metadata.get("nbgrader", {})
    return bool(settings.get("grade")) and not settings.get("solution")


def failed(cell: NotebookNode) -> bool:
    """Whether the cell ended in an error."""
    return any(output.output_type == "error" for output in cell.outputs)


def _error(name: str, message: str) -> NotebookNode:
    return nbformat.v4.new_output("error", ename=name, evalue=message, traceback=[f"{name}: {message}"])


def _text(text: str) -> NotebookNode:
    return nbformat.v4.new_output("stream", name="stdout", text=text)
