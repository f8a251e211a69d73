"""Whatever a hand-in does, it ends in a graded notebook and a note, and nobody else's points change."""

import copy
import json
import re
import socket
from pathlib import Path

import nbformat
import pytest
import tiny
from conftest import make_class

from classroom.collect import collect
from classroom.course import Handin
from classroom.grade import grade
from classroom.handin import read_result
from classroom.jail import ROOT, isolation
from classroom.kernel_run import NotebookRun
from classroom.outputs import failed
from classroom.report import feedback, scores
from classroom.sandbox import Limits

RIGHT = {"double": tiny.DOUBLE, "square": tiny.SQUARE, "why": "Since two and two."}


def double(body: str) -> dict[str, str]:
    """All right, but for what `double` does."""
    return {**RIGHT, "double": f"function double(x: number): number {{ {body} }}"}


def first(code: str) -> dict[str, str]:
    """All right, with other code before it."""
    return {**RIGHT, "double": f"{code}\n{tiny.DOUBLE}"}


#: What students write, the points by tests (double 4, square 2), and what the notes say; `None` for no note.
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
    "exit": (double("process.exit(0); return 0;"), 2, "ended the kernel.*process"),
    "exit-in-cell": (first("process.exit(0);"), 2, "ended the kernel"),
    "abort": (double("process.abort(); return 0;"), 2, "ended the kernel"),
    "kill-self": (double("process.kill(process.pid, 'SIGKILL'); return 0;"), 2, "process.kill"),
    "kill-group": (first("process.kill(0, 'SIGKILL'); await new Promise(() => {});"), 2, "ended the kernel"),
    "flood": (first("for (let i = 0; i < 50_000; i++) console.log('flood', i);"), 6, "printed more than"),
    "one-huge-line": (first("console.log('x'.repeat(3e7));"), 6, "printed more than"),
    "stderr": (double("console.error('debugging', x); return 2 * x;"), 6, None),
    "late-error": (first("setTimeout(() => { throw new Error('late'); }, 1);"), 6, None),
    "rejection": (first("Promise.reject(new Error('nobody listens'));"), 6, None),
    "forks": (
        first(
            "import { spawn } from 'node:child_process';\nfor (let i = 0; i < 60; i++) spawn('sleep', ['60']);\nawait new Promise((go) => setTimeout(go, 3000));"
        ),
        2,
        "processes",
    ),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """All hostile hand-ins, graded together."""
    folder = tmp_path_factory.mktemp("hostile")
    classroom = make_class(folder)
    released = folder / "class" / "release" / "tiny" / "tiny.ipynb"
    handins = {name: json.dumps(tiny.answer(released, answers)) for name, (answers, *_) in CODE.items()}
    handins.update({name: make(tiny.answer(released, RIGHT)) for name, (make, *_) in FILES.items()})
    for name, text in handins.items():
        (folder / "in" / name).mkdir(parents=True)
        (folder / "in" / name / "tiny.ipynb").write_bytes(text.encode() if isinstance(text, str) else text)
    collect(classroom, folder / "in", None)
    assert grade(classroom, [], [], False, None)
    points = {student: by_tests for _, student, by_tests, *_ in scores(classroom)}
    return classroom, points


@pytest.mark.parametrize("name", CODE)
def test_code_gets_the_points_it_deserves_and_a_note(graded, name):
    _, expected, note = CODE[name]
    _check(graded, name, expected, note)


def _edit(change):
    """A file whose notebook was changed in some way after it was answered rightly."""

    def make(notebook):
        changed = copy.deepcopy(notebook)
        return json.dumps(change(changed) or changed)

    return make


def _cell(notebook, name):
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name)


def _all(notebook, change):
    for cell in notebook.cells:
        change(cell)


def _repeat(notebook, name):
    twin = copy.deepcopy(_cell(notebook, name))
    twin.id = "twin"
    notebook.cells.insert(1, twin)


def _move_to_front(notebook, name):
    cell = _cell(notebook, name)
    notebook.cells.remove(cell)
    notebook.cells.insert(0, cell)


#: Changed files, the points by tests, and what the notes say.
FILES = {
    "test-deleted": (_edit(lambda n: n.cells.remove(_cell(n, "test-double"))), 6, "test-double.*missing"),
    "tests-all-deleted": (
        _edit(lambda n: [n.cells.remove(_cell(n, name)) for name in ("test-double", "test-square")] and None),
        6,
        "test-square.*missing",
    ),
    "answer-deleted": (_edit(lambda n: n.cells.remove(_cell(n, "double"))), 2, "'double' is missing"),
    "test-twice": (_edit(lambda n: _repeat(n, "test-double")), 6, "more than once"),
    "answer-twice": (_edit(lambda n: _repeat(n, "double")), 6, "more than once"),
    "test-edited": (_edit(lambda n: _cell(n, "test-double").update(source="4")), 6, "not as released"),
    "points-edited": (_edit(lambda n: _cell(n, "test-double").metadata.nbgrader.update(points=4000)), 6, None),
    "not-graded": (
        _edit(lambda n: _cell(n, "test-double").metadata.nbgrader.update(grade=False, locked=False, solution=True)),
        6,
        None,
    ),
    "test-as-text": (_edit(lambda n: _cell(n, "test-double").update(cell_type="markdown")), 6, None),
    "unknown-id": (
        _edit(lambda n: _cell(n, "double").metadata.nbgrader.update(grade_id="no such")),
        6,
        "lost their names",
    ),
    "metadata-a-string": (
        _edit(lambda n: _all(n, lambda c: c.metadata.update(nbgrader="none"))),
        6,
        "lost their names",
    ),
    "metadata-lost": (_edit(lambda n: _all(n, lambda c: c.update(metadata={}))), 6, "lost their names"),
    "ids-lost": (_edit(lambda n: _all(n, lambda c: c.pop("id"))), 6, None),
    "other-kernel": (_edit(lambda n: n.metadata.kernelspec.update(name="deno")), 6, "'deno'"),
    "no-notebook-metadata": (_edit(lambda n: n.update(metadata={})), 6, "named the kernel None"),
    "cells-odd": (
        _edit(
            lambda n: n.cells.extend(
                [{"cell_type": "odd"}, {"cell_type": "code", "source": 3}, {"source": ["1", "+1"]}]
            )
        ),
        6,
        None,
    ),
    "windows-lines": (
        lambda n: json.dumps(n).replace("\\n", "\\r\\n"),
        6,
        None,
    ),
    "with-bom": (lambda n: b"\xef\xbb\xbf" + json.dumps(n).encode(), 6, None),
    "utf-16": (lambda n: json.dumps(n).encode("utf-16"), 6, None),
    "old-code-page": (
        lambda n: json.dumps(n, ensure_ascii=False).replace("Since", "Für").encode("latin-1"),
        6,
        "not UTF-8",
    ),
    "half-an-emoji": (lambda n: json.dumps(n).replace("Since", "\\ud83d"), 6, None),
    "test-before-answer": (_edit(lambda n: _move_to_front(n, "test-double")), 2, "another order"),
    "answer-as-text": (_edit(lambda n: _cell(n, "double").update(cell_type="markdown")), 6, None),
    "zip": (lambda n: b"PK\x03\x04 and so on", 0, "zip file"),
    "nothing-in-it": (lambda n: "", 0, "it is empty"),
    "cut-off": (lambda n: json.dumps(n)[:-300], 0, "cannot|can be read"),
    "no-cells": (_edit(lambda n: n.pop("cells") and None), 0, "no list of cells"),
    "not-json-but-named": (lambda n: "once upon a time", 0, "can be read"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_changed_file_is_put_right(graded, name):
    _, expected, note = FILES[name]
    _check(graded, name, expected, note)


def _check(graded, name, expected, note):
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


def test_feedback_is_written_for_every_one_of_them(graded, capsys):
    classroom, points = graded
    feedback(classroom, [], [])
    for name in points:
        page = classroom.step("feedback", Handin(name, "tiny")) / "tiny.html"
        assert "HIDDEN" not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("piece", ["new Array(1e5).fill(0.5)", "Buffer.alloc(5e7, 1)", "new Float64Array(5e6).fill(1)"])
def test_memory_has_an_end(classroom, piece):
    limits = Limits(config=classroom.config)
    limits.cell_seconds = 90
    run = NotebookRun(limits)
    hungry = nbformat.v4.new_code_cell(f"const kept: unknown[] = [];\nfor (;;) kept.push({piece});")
    after = nbformat.v4.new_code_cell("1 + 1")
    run.run([hungry, after])
    assert failed(hungry)
    assert "seconds" not in " ".join(run.notes)
    assert after.outputs[-1].data["text/plain"] == "2"


SPY = """
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
const outcome = (work: () => unknown): string => { try { return String(work()); } catch (error) { return (error as NodeJS.ErrnoException).code ?? 'error'; } };
const online = await new Promise<string>((resolve) => connect(PORT, '127.0.0.1').on('connect', () => resolve('connected')).on('error', () => resolve('no network')));
console.log(JSON.stringify({
  class: existsSync('CLASS'),
  course: existsSync('COURSE'),
  home: existsSync('HOME'),
  write: outcome(() => writeFileSync('PROJECT/dist/index.js', '')),
  processes: readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).length,
  online,
  environment: Object.keys(process.env).sort().join(),
}));
"""


@pytest.mark.skipif(isolation() != "jail", reason="this system cannot take files and network away from a process")
def test_code_finds_no_files_of_the_teacher_no_network_and_no_other_process(tmp_path, classroom):
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = (
            SPY.replace("PORT", str(server.getsockname()[1]))
            .replace("CLASS", str(classroom.folder))
            .replace("HOME", str(Path.home()))
        )
        cell = nbformat.v4.new_code_cell(
            code.replace("COURSE", str(ROOT / "notebooks" / "assignments")).replace("PROJECT", str(ROOT))
        )
        NotebookRun(Limits(config=classroom.config)).run([cell])
    seen = json.loads(cell.outputs[0].text)
    assert seen.pop("environment") == "HOME,LANG,PATH,PWD,TF_CPP_MIN_LOG_LEVEL,TMPDIR"
    assert seen.pop("processes") <= 2
    assert seen == {"class": False, "course": False, "home": False, "write": "EROFS", "online": "no network"}
