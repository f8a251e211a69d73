"""Whatever a hand-in does, it ends in a graded notebook and a note, and nobody else's points change."""

import json
import re
import sys

import nbformat
import psutil
import pytest
import tiny
from conftest import copy_class

from classroom.collect import collect
from classroom.course import Handin
from classroom.grade import grade
from classroom.handin import read_result
from classroom.jail import isolation
from classroom.kernel_run import NotebookRun
from classroom.library import copy_for_students
from classroom.outputs import failed
from classroom.report import feedback, scores
from classroom.sandbox import MB, Limits, SandboxedKernel

RIGHT = {"double": tiny.DOUBLE, "square": tiny.SQUARE, "why": "Since two and two."}


def double(body: str) -> dict[str, str]:
    """All right, but for what `double` does."""
    return {**RIGHT, "double": f"function double(x: number): number {{ {body} }}"}


def first(code: str) -> dict[str, str]:
    """All right, with other code before it."""
    return {**RIGHT, "double": f"{code}\n{tiny.DOUBLE}"}


#: Students' answers, the points by tests (double 4, square 2), and what the notes say; `None` for no note.
CODE = {
    "right": (RIGHT, 6, None),
    "empty": ({}, 0, None),
    "half": (double("return Math.abs(2 * x);"), 4, None),
    "wrong-name": ({**RIGHT, "double": "const twice = (x: number) => 2 * x;"}, 2, None),
    "type-error": ({**RIGHT, "double": "function double(x: string): string { return x; }"}, 2, None),
    "syntax-error": ({**RIGHT, "double": "function double( {"}, 2, None),
    "loop": (double("for (;;);"), 2, "test-double.*endless loop"),
    "loop-caught": (double("for (;;) { try { for (;;); } catch {} }"), 2, "endless loop"),
    "loop-in-cell": (first("while (true) {}"), 2, "endless loop"),
    "loop-of-promises": (first("await (async () => { for (;;) await null; })();"), 2, "endless loop"),
    "never": (first("await new Promise(() => {});"), 2, "endless loop"),
    "exit": (double("process.exit(0); return 0;"), 2, "process.exit"),
    # The kernel goes on after an exit, and what a cell declares as a function is there from its beginning.
    "exit-in-cell": (first("process.exit(0);"), 6, "process.exit"),
    "abort": (double("process.abort(); return 0;"), 2, None),
    "kill-self": (double("process.kill(process.pid, 'SIGKILL'); return 0;"), 2, "process.kill"),
    "kill-group": (first("process.kill(0, 'SIGKILL'); await new Promise(() => {});"), 6, "process.kill"),
    # A function that Node itself calls; the kernel does not guard it.
    "kill-unguarded": (first("(process as any)._kill(0, 9); await new Promise(() => {});"), 2, "ended the kernel"),
    "flood": (first("for (let i = 0; i < 50_000; i++) console.log('flood', i);"), 6, "printed more than"),
    "one-huge-line": (first("console.log('x'.repeat(3e7));"), 6, "printed more than"),
    "stderr": (double("console.error('debugging', x); return 2 * x;"), 6, None),
    "late-error": (first("setTimeout(() => { throw new Error('late'); }, 1);"), 6, None),
    "rejection": (first("Promise.reject(new Error('nobody listens'));"), 6, None),
    "forks": (
        first(
            "import { spawn } from 'node:child_process';\nfor (let i = 0; i < 60; i++) spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);\nawait new Promise((go) => setTimeout(go, 3000));"
        ),
        2,
        "processes",
    ),
    "nested-folders": (
        first(
            "import { mkdirSync } from 'node:fs';\nimport { dirname } from 'node:path';\nprocess.chdir(dirname(process.argv.find((word) => word.endsWith('connection.json'))!));\nfor (let i = 0; i < 3000; i++) {\n  mkdirSync('in');\n  process.chdir('in');\n}\nawait new Promise((go) => setTimeout(go, 3000));"
        ),
        2,
        "wrote more than",
    ),
}

if isolation() in ("landlock", "permission"):
    # There no process can be started at all; the error comes after the cell.
    CODE["forks"] = (CODE["forks"][0], 6, None)


@pytest.fixture(scope="module")
def graded(tiny_class, tmp_path_factory):
    """All hostile hand-ins, graded together."""
    folder = tmp_path_factory.mktemp("hostile")
    classroom = copy_class(tiny_class, folder)
    released = folder / "class" / "release" / "tiny" / "tiny.ipynb"
    handins = {name: json.dumps(tiny.answer(released, answers)) for name, (answers, *_) in CODE.items()}
    handins["no-notebook"] = "once upon a time"
    for name, text in handins.items():
        (folder / "in" / name).mkdir(parents=True)
        (folder / "in" / name / "tiny.ipynb").write_bytes(text.encode())
    collect(classroom, folder / "in", None)
    assert grade(classroom, [], [], False, None)
    points = {student: by_tests for _, student, by_tests, *_ in scores(classroom)}
    return classroom, points


@pytest.mark.parametrize("name", CODE)
def test_code_gets_the_points_it_deserves_and_a_note(graded, name):
    _, expected, note = CODE[name]
    classroom, points = graded
    folder = classroom.step("autograded", Handin(name, "tiny"))
    result = read_result(folder)
    assert points[name] == expected, result["notes"]
    notebook = nbformat.read(folder / "tiny.ipynb", 4)
    nbformat.validate(notebook)
    if note is None:
        assert result["notes"] == [] or all("worth a look" in text or "kernel" in text for text in result["notes"])
    else:
        assert re.search(note, " ".join(result["notes"]))
        assert "Notes from grading" in notebook.cells[0].source


def test_a_file_that_is_no_notebook_has_no_points_and_a_note(graded):
    classroom, points = graded
    assert points["no-notebook"] == 0
    notes = read_result(classroom.step("autograded", Handin("no-notebook", "tiny")))["notes"]
    assert "is not a notebook" in notes[0]


def test_types_are_checked_as_at_home_unless_the_course_says_otherwise(tmp_path):
    project = copy_for_students(tmp_path / "project")
    for types in (True, False):
        cell = nbformat.v4.new_code_cell("const two: string = 2;\ntwo")
        NotebookRun(Limits(types=types), project).run([cell])
        assert failed(cell) == types


def test_feedback_is_written_for_every_one_of_them(graded, capsys):
    classroom, points = graded
    feedback(classroom, [], [])
    for name in points:
        page = classroom.step("feedback", Handin(name, "tiny")) / "tiny.html"
        assert "HIDDEN" not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("piece", ["new Array(1e5).fill(0.5)", "new Float64Array(5e6).fill(1)"])
def test_memory_has_an_end(tmp_path, piece):
    run = NotebookRun(Limits(cell_seconds=90, memory_mb=900, heap_mb=300), copy_for_students(tmp_path / "project"))
    hungry = nbformat.v4.new_code_cell(f"const kept: unknown[] = [];\nfor (;;) kept.push({piece});")
    after = nbformat.v4.new_code_cell("1 + 1")
    run.run([hungry, after])
    assert failed(hungry)
    assert "seconds" not in " ".join(run.notes)
    assert after.outputs[-1].data["text/plain"] == "2"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system refuses no memory")
def test_the_system_refuses_memory_beyond_what_this_node_begins_with():
    # Node 20 begins with 0.2 GB and Node 24 with 1.8 GB, of which it uses as little.
    kernel = SandboxedKernel(Limits(memory_mb=400)).start()
    try:
        # In bubblewrap it has parents that are small.
        node = max(kernel._descendants(), key=lambda process: process.memory_info().rss)
        limit, _ = node.rlimit(psutil.RLIMIT_DATA)
        assert abs(limit - node.memory_info().data - 400 * MB) < 20 * MB
    finally:
        kernel.stop()
