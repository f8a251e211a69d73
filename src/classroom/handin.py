"""Grades one hand-in: from the file that came to a graded notebook and its scores, in a folder that appears at once."""

import dataclasses
import hashlib
import json
import re
import shutil
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader import utils

from .course import replace_folder
from .kernel_run import NotebookRun
from .outputs import is_locked, is_test
from .repair import ReleasedCell, Repaired, fingerprint, repair
from .sandbox import Limits

#: Things that a notebook may do for good reasons, and that a teacher may want to see.
UNUSUAL = re.compile(
    r"child_process|node:fs|['\"]fs['\"]|process\.(?:exit|kill|env|binding)|require\.cache|node:net|\beval\(|\.definition\b|dist/assignments"
)


#: The key of a failed result: it is never taken for current.
FAILED = "failed"


@dataclass(frozen=True)
class Job:
    """All that grading a hand-in needs, and nothing of any other."""

    #: The class's.
    folder: Path
    student: str
    assignment: str
    submitted: Path
    autograded: Path
    workspace: Path
    released: list[ReleasedCell]
    #: The names that students are to write something for.
    asked: frozenset[str]
    kernelspec: dict
    limits: Limits
    #: Changes when the hand-in, a test, a check or the grader changes.
    key: str
    #: The files that the tests use: if one of them changes, every test has changed.
    checks_version: str
    files: Path
    #: The part of the library that its code finds.
    project: Path


def grade(job: Job) -> None:
    """Grades a hand-in. A failure of the grader itself is noted in the result, with no points."""
    started = time.monotonic()
    try:
        repaired = repair(_notebook_file(job).read_bytes(), job.released, job.kernelspec)
        run = NotebookRun(job.limits, job.project, job.files, job.asked)
        run.run(repaired.notebook.cells)
        notes = [*repaired.notes, *run.notes, *_unusual(repaired.notebook)]
        write_result(job, repaired.notebook, notes, time.monotonic() - started)
    except Exception:
        write_failure(job, f"The grader failed: {traceback.format_exc(limit=-1).strip().splitlines()[-1]}.")


def write_failure(job: Job, reason: str) -> None:
    """The result of a hand-in that could not be graded: no points, and a note that asks the teacher to look."""
    blank = Repaired(repair(b"", job.released, job.kernelspec).notebook, [])
    for cell in blank.notebook.cells:
        if is_test(cell):
            cell.outputs = [nbformat.v4.new_output("error", ename="NotGraded", evalue=reason, traceback=[reason])]
    notes = [f"{reason} No points were given: the next class:grade tries again."]
    write_result(dataclasses.replace(job, key=FAILED), blank.notebook, notes, 0)


def write_result(job: Job, notebook: NotebookNode, notes: list[str], seconds: float) -> None:
    previous = read_result(job.autograded)
    grades = {}
    for cell in notebook.cells:
        settings = cell.metadata.get("nbgrader")
        if settings and settings.grade:
            grades[settings.grade_id] = _grade(cell, notes)
    result = {
        "key": job.key,
        "submitted": _content_hash(job.submitted),
        "tests": {
            cell.name: f"{cell.checksum} {job.checks_version}" for cell in job.released if cell.points is not None
        },
        "answers": {
            cell.metadata.nbgrader.grade_id: fingerprint(cell.source)
            for cell in notebook.cells
            if cell.metadata.get("nbgrader", {}).get("solution")
        },
        "comments": {
            cell.metadata.nbgrader.grade_id: "No response."
            for cell in notebook.cells
            if cell.metadata.get("nbgrader", {}).get("solution") and _untouched(cell, job.released)
        },
        "grades": grades,
        "notes": notes,
        "seconds": round(seconds, 1),
    }
    if previous is not None:
        result["changed_answers"] = [n for n, text in result["answers"].items() if previous["answers"].get(n) != text]
        _keep_what_cannot_have_changed(result, previous)
    if notes:
        notebook.cells.insert(0, _note_cell(notes))
    _publish(job, notebook, result)


def read_result(folder: Path) -> dict | None:
    """The record that grading left in a folder; `None` if grading was not completed."""
    try:
        return json.loads((folder / "grading.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def _grade(cell: NotebookNode, notes: list[str]) -> float | None:
    """The points of a cell by nbgrader's rules; `None` if a person has to give them."""
    name = cell.metadata.nbgrader.grade_id
    try:
        score, points = utils.determine_grade(cell)
    except (ValueError, KeyError):
        notes.append(f"The test {name!r} gave something that is not a number of points: it counts 0.")
        return 0.0
    if score is None or not is_test(cell):
        return score
    given = next((o.data.get("text/plain", "") for o in cell.outputs if o.output_type == "execute_result"), None)
    # nbgrader gives full points for a result that is not a number, such as NaN.
    if given is not None and not re.fullmatch(r"\d+(\.\d+)?", str(given).strip()):
        notes.append(f"The test {name!r} gave {str(given)[:40]!r}, which is not a number of points: it counts 0.")
        return 0.0
    return min(float(score), float(points))


def _untouched(cell: NotebookNode, released: list[ReleasedCell]) -> bool:
    known = next((known for known in released if known.name == cell.metadata.nbgrader.grade_id), None)
    return known is not None and fingerprint(cell.source) in known.handed_out


def _keep_what_cannot_have_changed(result: dict, previous: dict) -> None:
    """After a test was fixed, the same work keeps its points in all other tests, whatever the clock did this time."""
    # The same key means that everything is to be done again, by --force.
    if previous["submitted"] != result["submitted"] or previous["key"] in (FAILED, result["key"]):
        return
    for name, test in result["tests"].items():
        if previous["tests"].get(name) == test and name in previous["grades"]:
            result["grades"][name] = previous["grades"][name]


def _unusual(notebook: NotebookNode) -> list[str]:
    words = sorted(
        {
            found.group(0)
            for cell in notebook.cells
            if cell.cell_type == "code" and not is_locked(cell)
            for found in UNUSUAL.finditer(cell.source)
        }
    )
    return [f"The code uses {', '.join(words)}: worth a look."] if words else []


def _note_cell(notes: list[str]) -> NotebookNode:
    lines = "\n".join(f"- {note}" for note in notes)
    return nbformat.v4.new_markdown_cell(f"**Notes from grading**\n\n{lines}", id="notes-from-grading")


def _publish(job: Job, notebook: NotebookNode, result: dict) -> None:
    draft = job.workspace / "graded"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    nbformat.write(notebook, draft / f"{job.assignment}.ipynb")
    stamp = job.submitted / "timestamp.txt"
    if stamp.exists():
        shutil.copy(stamp, draft)
    (draft / "grading.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    replace_folder(job.folder, job.autograded, draft)


def _notebook_file(job: Job) -> Path:
    return job.submitted / f"{job.assignment}.ipynb"


def _content_hash(folder: Path) -> str:
    return hashlib.sha256(next(folder.glob("*.ipynb")).read_bytes()).hexdigest()
