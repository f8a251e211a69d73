"""The demonstration: a class of ten, from release to feedback, in a folder of its own.

Each hand-in is known to be right or wrong in its own way, so the points are known too; the demonstration fails if the
gradebook says something else.
"""

import copy
import json
import shutil
import time
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from .collect import collect
from .course import COURSE, Classroom
from .grade import grade, refuse_root_without_jail
from .jail import ROOT
from .release import release
from .report import export, feedback, scores

ASSIGNMENT = "penalties"

#: A right answer to each exercise comes from the course's own source; these are the wrong ones.
AVERAGED_OVER_EVERYTHING = """function l1Penalty(h: Rows): number {
  return sum(h.flat().map(Math.abs)) / h.flat().length;
}"""
SUMMED_OVER_THE_BATCH = """function l1Penalty(h: Rows): number {
  return sum(h.flat().map(Math.abs));
}"""
WRONG_AXIS = """function meanActivations(h: Rows): number[] {
  return h.map((row) => sum(row) / row.length);
}"""
CLIPPED = """function klDivergence(rho: number, rhoHat: number): number {
  const q = Math.min(Math.max(rhoHat, 1e-7), 1 - 1e-7);
  return rho * Math.log(rho / q) + (1 - rho) * Math.log((1 - rho) / (1 - q));
}"""
WRONG_SIGN = """function klDivergence(rho: number, rhoHat: number): number {
  return rho * Math.log(rho / rhoHat) - (1 - rho) * Math.log((1 - rho) / (1 - rhoHat));
}"""
TWICE = """function totalLoss(reconstruction: number, penalty: number, strength: number): number {
  return reconstruction + strength * strength * penalty;
}"""
ENDLESS = """function l1Slope(h: Rows, lambda: number): Rows {
  for (;;) lambda += 0;
}"""
EXIT = """function totalLoss(reconstruction: number, penalty: number, strength: number): number {
  process.exit(0);
}"""
ALL_MEMORY = """function l1Slope(h: Rows, lambda: number): Rows {
  const kept: Uint8Array[] = [];
  for (;;) kept.push(new Uint8Array(64 * 1024 * 1024).fill(1));
}"""
FLOOD = """function totalLoss(reconstruction: number, penalty: number, strength: number): number {
  for (let i = 0; i < 20_000; i++) console.log('and on and on and on', i);
  return reconstruction + strength * penalty;
}"""
SPY = """import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

function search(folder: string, depth: number): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (/gradebook[.]db$|class.(submitted|autograded)$/.test(path)) return [path];
      return entry.isDirectory() && depth > 0 && !/proc|node_modules/.test(path) ? search(path, depth - 1) : [];
    });
  } catch {
    return [];
  }
}
const found = search('/', 5);
console.log('found', found.length, 'files of the teacher');
if (found.length > 0) console.log(readFileSync(found[0]));
function totalLoss(reconstruction: number, penalty: number, strength: number): number {
  return reconstruction + strength * penalty;
}"""


def demo(workers: int | None, as_root_without_jail: bool) -> int:
    """Plays the class in `build/class-demo`; returns the exit code."""
    refuse_root_without_jail(as_root_without_jail)
    started = time.monotonic()
    folder = ROOT / "build" / "class-demo"
    shutil.rmtree(folder, ignore_errors=True)
    classroom = Classroom(folder / "class")
    # An endless loop is known to be one sooner here than in a real class.
    classroom.config.Limits.cell_seconds = 10
    _title("Release")
    release(classroom, [ASSIGNMENT])
    _title("Collect")
    expected = _write_handins(classroom, folder / "hand-ins")
    collect(classroom, folder / "hand-ins", None)
    _title("Grade")
    grade(classroom, [], [], False, workers, as_root_without_jail)
    _title("Feedback")
    feedback(classroom, [], [])
    _title("The gradebook")
    export(classroom, None)
    print(f"\n{time.monotonic() - started:.0f} s from release to feedback.")
    got = {student: by_tests for _, student, by_tests, *_ in scores(classroom)}
    wrong = [
        f"{name}: {got.get(name)} points by tests instead of {points}"
        for name, points in expected.items()
        if got.get(name) != points
    ]
    print("\n".join(["Not as it should be:", *wrong]) if wrong else "Every hand-in has the points that it should have.")
    return 1 if wrong else 0


def _write_handins(classroom: Classroom, folder: Path) -> dict[str, float]:
    """Ten hand-ins; returns the points that the tests should give to each."""
    blank = nbformat.read(classroom.folder / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", 4)
    right = _solutions()
    handins: dict[str, tuple[float, NotebookNode]] = {
        "ada-all-right": (80, _answered(blank, right)),
        "ben-from-vscode": (80, _saved_elsewhere(_answered(blank, right))),
        "cem-partly-right": (
            56.67,
            _answered(blank, {**right, "l1Penalty": AVERAGED_OVER_EVERYTHING, "klDivergence": CLIPPED}),
        ),
        "dee-mostly-wrong": (
            25,
            _answered(
                blank,
                {
                    **right,
                    "l1Penalty": SUMMED_OVER_THE_BATCH,
                    "meanActivations": WRONG_AXIS,
                    "klDivergence": WRONG_SIGN,
                    "totalLoss": TWICE,
                },
            ),
        ),
        "eli-empty": (0, blank),
        "fay-changed-tests": (
            70,
            _with_changed_tests(_answered(blank, {**right, "meanSquaredError": "const meanSquaredError = () => 1;"})),
        ),
        "gus-endless-and-exit": (60, _answered(blank, {**right, "l1Slope": ENDLESS, "totalLoss": EXIT})),
        "hal-memory-and-flood": (65, _answered(blank, {**right, "l1Slope": ALL_MEMORY, "totalLoss": FLOOD})),
        "ivy-curious": (80, _answered(blank, {**right, "totalLoss": SPY})),
    }
    for student, (_, notebook) in handins.items():
        (folder / student).mkdir(parents=True)
        nbformat.write(notebook, folder / student / f"{ASSIGNMENT} ({student}).ipynb")
    broken = folder / "jon-broken-file"
    broken.mkdir()
    text = json.dumps(_answered(blank, right))
    (broken / "final FINAL.ipynb").write_text(text[: len(text) // 2], encoding="utf-8")
    return {**{student: points for student, (points, _) in handins.items()}, broken.name: 0}


def _solutions() -> dict[str, str]:
    source = nbformat.read(COURSE / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", 4)
    return {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in source.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }


def _answered(blank: NotebookNode, answers: dict[str, str]) -> NotebookNode:
    notebook = copy.deepcopy(blank)
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    return notebook


def _saved_elsewhere(notebook: NotebookNode) -> NotebookNode:
    """Another kernel's name, and cells that have lost what nbgrader wrote on them."""
    notebook.metadata.kernelspec = {"name": "deno", "display_name": "Deno", "language": "typescript"}
    for cell in notebook.cells:
        cell.metadata = NotebookNode(vscode={"languageId": "typescript"})
    return notebook


def _with_changed_tests(notebook: NotebookNode) -> NotebookNode:
    """One test deleted, one edited to give itself full points, one there twice."""
    named = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    named["test-meanSquaredError"].source = "10"
    notebook.cells.remove(named["test-l1Penalty"])
    twin = copy.deepcopy(named["test-klPenalty"])
    twin.id = "twin"
    notebook.cells.insert(3, twin)
    return notebook


def _title(text: str) -> None:
    print(f"\n── {text}\n", flush=True)
