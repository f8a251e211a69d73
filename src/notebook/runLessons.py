"""Runs the lessons in order, without a browser, and writes them as pages to build/site.

`npm run lessons` calls it; names choose lessons: `npm run lessons -- 01 02`. Pages of the others stay.
A cell that fails ends everything: its error is printed, the exit code is 1, and the pages stay as they were.
"""

import argparse
import asyncio
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from coursePages import ROOT, Lesson, write_site
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from readerCopies import NoPictures, draw, save, write_copies

KERNEL = "tslab"
CONTROL_TYPE = "application/vnd.jupyter.widget-view+json"
CELL_TIMEOUT_SECONDS = 600


class LessonFailed(Exception):
    """A cell failed. The text says which, and how."""


class Progress:
    """The running cell: one line that renews itself in a terminal, or one line per cell in a log."""

    def __init__(self, label: str, cells: int) -> None:
        self.label = label
        self.cells = cells
        self.cell = 0
        self.live = sys.stdout.isatty()
        self.start = self.cell_start = time.monotonic()

    def starts(self, cell: int) -> None:
        self.cell = cell
        self.cell_start = time.monotonic()
        if self.live:
            print(f"\r\x1b[K{self.label}  cell {cell}/{self.cells}", end="", flush=True)

    def ends(self) -> None:
        if not self.live:
            seconds = time.monotonic() - self.cell_start
            print(f"{self.label}  cell {self.cell}/{self.cells}  {seconds:.1f} s", flush=True)

    def done(self) -> None:
        seconds = time.monotonic() - self.start
        renew = "\r\x1b[K" if self.live else ""
        print(f"{renew}{self.label}  all of {self.cells} cells  {seconds:.1f} s", flush=True)

    def failed(self) -> None:
        if self.live:
            print(flush=True)


def run(name: str, notebook: NotebookNode, label: str, folder: Path) -> None:
    """Runs a notebook's cells in `folder`; their outputs go into it, in place of older ones."""
    code_cells = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    progress = Progress(label, len(code_cells))
    failure: list[str] = []

    def starts(cell: NotebookNode, cell_index: int) -> None:
        progress.starts(code_cells.index(cell_index) + 1)

    def ends(cell: NotebookNode, cell_index: int, execute_reply: dict) -> None:
        progress.ends()

    def fails(cell: NotebookNode, cell_index: int, execute_reply: dict) -> None:
        content = execute_reply["content"]
        tags = cell.metadata.get("tags", [])
        if content["status"] == "error" and "raises-exception" not in tags and not failure:
            failure.append(describe_error(content))

    client = NotebookClient(
        notebook,
        kernel_name=notebook.metadata.get("kernelspec", {}).get("name", KERNEL),
        timeout=CELL_TIMEOUT_SECONDS,
        resources={"metadata": {"path": str(folder)}},
        # It stops by itself after the cell that fails: what comes after would only fail of it.
        allow_errors=False,
        # Lines printed one after another are one output, as a notebook page joins them.
        coalesce_streams=True,
        # When a cell ran is nothing that a saved notebook should say.
        record_timing=False,
        # Without a kernel a control does nothing: its line of text stays.
        store_widget_state=False,
        on_cell_execute=starts,
        on_cell_executed=ends,
        on_cell_error=fails,
    )
    try:
        client.execute()
    except NoSuchKernel as error:
        raise LessonFailed(f"{name}: there is no kernel {error.name!r}; npm start installs ours") from error
    except CellTimeoutError as error:
        problem = f"it ran for longer than {CELL_TIMEOUT_SECONDS} s and was stopped"
        raise LessonFailed(in_cell(name, notebook, progress, code_cells, problem)) from error
    except DeadKernelError as error:
        raise LessonFailed(in_cell(name, notebook, progress, code_cells, "the kernel died")) from error
    except Exception as error:
        if not failure:
            raise
        raise LessonFailed(in_cell(name, notebook, progress, code_cells, failure[0])) from error
    finally:
        if failure:
            progress.failed()
    for index in code_cells:
        for output in notebook.cells[index].outputs:
            output.get("data", {}).pop(CONTROL_TYPE, None)
    progress.done()


def in_cell(name: str, notebook: NotebookNode, progress: Progress, code_cells: list[int], problem: str) -> str:
    """A failure with the cell it happened in."""
    source = notebook.cells[code_cells[max(0, progress.cell - 1)]].source
    shown = "\n".join(f"    {line}" for line in source.splitlines())
    return f"{name}.ipynb, code cell {progress.cell} of {progress.cells} failed:\n\n{shown}\n\n{problem}"


def describe_error(content: dict) -> str:
    """The traceback of an error as the kernel gave it; in a log without its colours."""
    text = "\n".join(content.get("traceback") or []) or f"{content.get('ename')}: {content.get('evalue')}"
    return text if sys.stderr.isatty() else re.sub(r"\x1b\[[0-9;]*m", "", text)


def choose(folder: Path, names: list[str]) -> list[Path]:
    """The notebooks to run: all of them in order, or those whose names start with one of `names`."""
    notebooks = sorted(folder.glob("*.ipynb"))
    if not notebooks:
        raise LessonFailed(f"{folder} must hold notebooks; there is none")
    for name in names:
        if not any(path.stem.startswith(name) for path in notebooks):
            known = ", ".join(path.stem for path in notebooks)
            raise LessonFailed(f"there is no lesson {name!r}; there are {known}")
    return [path for path in notebooks if not names or any(path.stem.startswith(name) for name in names)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="npm run lessons --", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="run only lessons whose file names start with one of these")
    parser.add_argument("--save", action="store_true", help="keep the outputs in the notebooks, too")
    parser.add_argument("--publish", action="store_true", help="renew the copies for readers without a kernel, too")
    parser.add_argument("--no-execute", action="store_true", help="make pages of the outputs that are saved")
    parser.add_argument("--notebooks", type=Path, default=ROOT / "notebooks", help="where the lessons are")
    parser.add_argument("--site", type=Path, default=ROOT / "build" / "site", help="where the pages go")
    parser.add_argument("--copies", type=Path, default=ROOT / "docs" / "lessons", help="where --publish puts them")
    parser.add_argument("--live", help="the folder of the live course, as pages link to it (default: no links)")
    options = parser.parse_args()

    start = time.monotonic()
    if options.publish:
        draw([])  # Without a browser it ends here, not after the last lesson.
    # Pages show each training, and nothing that depends on how long it takes here.
    os.environ.update(SPARSELAB_TRAININGS="off", SPARSELAB_PROGRESS="off")
    lessons = []
    paths = choose(options.notebooks, options.names)
    course = [Lesson(path.stem, nbformat.read(path, as_version=4)) for path in choose(options.notebooks, [])]
    with tempfile.TemporaryDirectory(prefix="sparselab-") as results:
        # Sweeps keep their results: pages should show them trained, not found again from last time.
        os.environ["SPARSELAB_SWEEPS"] = results
        for number, path in enumerate(paths, start=1):
            notebook = nbformat.read(path, as_version=4)
            if not options.no_execute:
                run(path.stem, notebook, f"{number}/{len(paths)} {path.stem}", options.notebooks)
                if options.save:
                    save(notebook, path)
            lessons.append(Lesson(path.stem, notebook))
    write_site(lessons, course, options.site, options.live)
    if options.publish:
        write_copies(lessons, options.copies)
    print(f"Lessons: {len(lessons)}, in {time.monotonic() - start:.0f} s: {options.site / 'index.html'}")


if __name__ == "__main__":
    # The selector loop is the one that Jupyter's sockets work with on Windows.
    if sys.platform == "win32":
        asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())
    try:
        main()
    except (LessonFailed, NoPictures) as failure:
        print(f"\n{failure}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("\nStopped; the pages stay as they were.", file=sys.stderr)
        sys.exit(130)
