"""Outputs of a cell: the kernel's messages as a notebook's outputs, within limits and without anything that runs."""

import re
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

#: The outputs in a graded notebook. HTML and scripts of a hand-in would run in the teacher's browser.
SAFE_TYPES = ("image/png", "image/jpeg", "application/vnd.plotly.v1+json", "application/json", "text/plain")

ANSI = re.compile(r"\x1b\[[0-9;]*m")
HIDDEN = re.compile("(BEGIN|END) HIDDEN TESTS")

LONGEST_MESSAGE = 2_000
LONGEST_TRACEBACK = 20_000
TRACEBACK_LINES = 60


class OutputCollector:
    """Writes what kernels publish into a cell, up to a number of bytes."""

    def __init__(self, cell: NotebookNode, limit: int):
        self.cell = cell
        self.dropped = False
        self._left = limit

    def take(self, message: dict[str, Any]) -> None:
        """Takes a message of the kernel that runs the cell."""
        kind, content = message["msg_type"], message["content"]
        try:
            if kind == "execute_input":
                self.cell.execution_count = int(content["execution_count"])
            elif kind == "clear_output":
                self.cell.outputs = []
            elif kind == "stream":
                self.take_text(message)
            elif kind in ("display_data", "execute_result", "error"):
                self._append(nbformat.v4.output_from_msg(message))
        except Exception:  # Not what the protocol says: the hand-in has written to the kernel's sockets.
            self.cell.outputs.append(error("UnreadableOutput", "The cell published something that is not an output."))

    def take_text(self, message: dict[str, Any]) -> None:
        """Takes printed text, and nothing else: all that a test shows of a student's process."""
        content = message["content"]
        if message["msg_type"] != "stream" or not isinstance(content.get("text"), str):
            return
        # nbgrader gives 0 for any text on stderr: a student's console.warn is not a mistake, so it is shown as stdout.
        name = "stderr" if content.get("name") == "stderr" and not is_test(self.cell) else "stdout"
        self._append(nbformat.v4.new_output("stream", name=name, text=content["text"]))

    def _append(self, output: NotebookNode) -> None:
        if "data" in output:
            data = {kind: output.data[kind] for kind in SAFE_TYPES if kind in output.data}
            output.data = NotebookNode(data or {"text/plain": "(an output of a kind that is not shown)"})
        size = len(str(output))
        # An error or a result decides about points: it is kept, shortened, however much was printed before.
        if output.output_type in ("stream", "display_data") and size > self._left:
            self.dropped = True
            if output.output_type == "display_data" or self._left <= 0:
                return
            output.text = output.text[: self._left]
        self._left -= size
        if output.output_type == "error":
            self._shorten(output)
        last = self.cell.outputs[-1] if self.cell.outputs else None
        if output.output_type == "stream" and last is not None and last.get("name") == output.name:
            last.text += output.text
        else:
            self.cell.outputs.append(output)

    def _shorten(self, output: NotebookNode) -> None:
        output.evalue = self._without_hidden(str(output.evalue)[:LONGEST_MESSAGE])
        lines = "\n".join(map(str, output.traceback))[:LONGEST_TRACEBACK].split("\n")
        output.traceback = [self._without_hidden("\n".join(lines[-TRACEBACK_LINES:]))]

    def _without_hidden(self, text: str) -> str:
        """An error's text without the lines of the hidden tests that it quotes: students read it in their feedback."""
        hidden = [line.strip() for line in hidden_lines(self.cell.source) if line.strip()]
        kept = [line for line in text.split("\n") if not any(secret in ANSI.sub("", line) for secret in hidden)]
        return "\n".join(kept)


def hidden_lines(source: str) -> list[str]:
    """The lines of a test that students do not get, with their marks."""
    lines = source.split("\n")
    bounds = [number for number, line in enumerate(lines) if HIDDEN.search(line)]
    return [line for start, end in zip(bounds[::2], bounds[1::2], strict=False) for line in lines[start : end + 1]]


def is_test(cell: NotebookNode) -> bool:
    """Whether the cell's output is graded."""
    settings = cell.metadata.get("nbgrader", {})
    return bool(settings.get("grade")) and not settings.get("solution")


def is_locked(cell: NotebookNode) -> bool:
    """Whether the cell is the teacher's: it stands as it was released."""
    return bool(cell.metadata.get("nbgrader", {}).get("locked"))


def failed(cell: NotebookNode) -> bool:
    """Whether the cell ended in an error."""
    return any(output.output_type == "error" for output in cell.outputs)


def error(name: str, message: str) -> NotebookNode:
    """The output of a cell that failed."""
    return nbformat.v4.new_output("error", ename=name, evalue=message, traceback=[f"{name}: {message}"])


def text(message: str) -> NotebookNode:
    """The output of a cell that printed something."""
    return nbformat.v4.new_output("stream", name="stdout", text=message)
