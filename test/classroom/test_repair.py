"""Whatever has happened to a file, the graded notebook is the released one with the student's answers in it."""

import copy
import json
import re

import nbformat
import pytest
import tiny
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from classroom.repair import repair

DOUBLE, SQUARE, WHY = tiny.DOUBLE, tiny.SQUARE, "Since two and two."
ESSAY = "The slope of the absolute value does not fade, so small values are pushed to zero."


@pytest.fixture(scope="module")
def released(tiny_class):
    """The cells of the tiny assignment, and the notebook that students get."""
    path = tiny_class.folder / "release" / "tiny" / "tiny.ipynb"
    return *tiny_class.released_cells("tiny"), path


def name_of(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def named(notebook, name):
    return next(cell for cell in notebook.cells if name_of(cell) == name)


def place(notebook, name):
    return notebook.cells.index(named(notebook, name))


def repaired(released, change, answers=None):
    """What becomes of a hand-in that is right, or has other answers, after a change: its cells by name, all cells, notes."""
    cells, kernelspec, path = released
    right = {"double": DOUBLE, "square": SQUARE, "why": WHY}
    notebook = tiny.answer(path, right if answers is None else answers)
    # As a front end does that knows no ids.
    for cell in notebook.cells:
        cell.pop("id", None)
    changed = change(notebook) if change else None
    data = changed if isinstance(changed, (str, bytes)) else json.dumps(notebook)
    repaired = repair(data.encode() if isinstance(data, str) else data, cells, kernelspec)
    nbformat.validate(repaired.notebook)
    names = [name_of(cell) for cell in repaired.notebook.cells if name_of(cell)]
    order = [cell.name for cell in cells if cell.name]
    # The law: each released cell once, in its place, and as released unless it is an answer.
    assert names == [name for name in order if name in names]
    for cell in cells:
        if cell.locked and cell.name:
            assert named(repaired.notebook, cell.name).source == cell.source
            assert named(repaired.notebook, cell.name).metadata.nbgrader == cell.metadata
    return {name: named(repaired.notebook, name).source for name in names}, repaired.notebook.cells, repaired.notes


def edit(change):
    """A change of a notebook, by what it does."""
    return lambda notebook: change(notebook) and None


def every(notebook, change):
    for cell in notebook.cells:
        change(cell)


def repeat(notebook, name):
    notebook.cells.insert(1, copy.deepcopy(named(notebook, name)))


def to_front(notebook, name):
    cell = named(notebook, name)
    notebook.cells.remove(cell)
    notebook.cells.insert(0, cell)


#: Changes after which all answers are found, and what the notes say; `None` for no note.
HARMLESS = {
    "nothing": (None, None),
    "test-deleted": (lambda n: n.cells.remove(named(n, "test-double")), "test-double.*missing"),
    "test-twice": (lambda n: repeat(n, "test-double"), "more than once"),
    "answer-twice": (lambda n: repeat(n, "double"), "more than once"),
    "text-twice": (lambda n: repeat(n, "why"), "more than once"),
    "test-edited": (lambda n: named(n, "test-double").update(source="4"), "not as released"),
    "points-edited": (lambda n: named(n, "test-double").metadata.nbgrader.update(points=4000), None),
    "not-graded": (
        lambda n: named(n, "test-double").metadata.nbgrader.update(grade=False, locked=False, solution=True),
        None,
    ),
    "test-as-text": (lambda n: named(n, "test-double").update(cell_type="markdown"), None),
    "answer-as-text": (lambda n: named(n, "double").update(cell_type="markdown"), None),
    "answer-as-heading": (lambda n: named(n, "double").update(cell_type="markdown", source=f"# {DOUBLE}"), None),
    "text-as-code": (lambda n: named(n, "why").update(cell_type="code"), None),
    "unknown-id": (lambda n: named(n, "double").metadata.nbgrader.update(grade_id="no such"), "lost their names"),
    "metadata-a-string": (lambda n: every(n, lambda c: c.metadata.update(nbgrader="none")), "lost their names"),
    "metadata-lost": (lambda n: every(n, lambda c: c.update(metadata={})), "lost their names"),
    "other-kernel": (lambda n: n.metadata.kernelspec.update(name="deno"), "'deno'"),
    "no-notebook-metadata": (lambda n: n.update(metadata={}), "named the kernel None"),
    "cells-odd": (
        lambda n: n.cells.extend([{"cell_type": "odd"}, {"cell_type": "code", "source": 3}, {"source": 7}, 8]),
        None,
    ),
    "test-before-answer": (lambda n: to_front(n, "test-double"), "another order"),
    "answer-to-front": (lambda n: to_front(n, "square"), "another order"),
    "with-bom": (lambda n: b"\xef\xbb\xbf" + json.dumps(n).encode(), None),
    "utf-16": (lambda n: json.dumps(n).encode("utf-16"), None),
    "code-in-a-cell-below": (
        lambda n: (
            named(n, "double").update(
                source="function double(x: number): number {\n  // YOUR CODE HERE\nthrow new Error('not written yet');\n}"
            ),
            n.cells.insert(place(n, "double") + 1, new_code_cell(DOUBLE)),
        ),
        "another cell than its own",
    ),
    "code-in-a-cell-above": (
        lambda n: (
            named(n, "double").update(source=""),
            n.cells.insert(place(n, "double"), new_code_cell(DOUBLE)),
        ),
        "another cell than its own",
    ),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_a_changed_file_is_put_right(released, name):
    change, note = HARMLESS[name]
    answers, _, notes = repaired(released, change and (lambda n: c if isinstance(c := change(n), bytes) else None))
    assert {key: answers[key] for key in ("double", "square", "why")} == {
        "double": DOUBLE,
        "square": SQUARE,
        "why": WHY,
    }
    assert re.search(note, " ".join(notes)) if note else notes == []


#: Files that are not notebooks.
BROKEN = {
    "zip": (lambda n: b"PK\x03\x04 and so on", "zip file"),
    "nothing-in-it": (lambda n: "", "it is empty"),
    "cut-off": (lambda n: json.dumps(n)[:-300], "can be read"),
    "no-cells": (lambda n: json.dumps({key: value for key, value in n.items() if key != "cells"}), "no list of cells"),
    "not-json": (lambda n: "once upon a time", "can be read"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_notebook_is_an_empty_hand_in(released, name):
    change, note = BROKEN[name]
    answers, _, notes = repaired(released, change)
    assert "not written yet" in answers["double"]
    assert re.search(note, notes[0])


def test_letters_that_are_no_utf_8_and_halves_of_characters_cost_themselves_only(released):
    latin = repaired(released, lambda n: json.dumps(n, ensure_ascii=False).replace("Since", "Für").encode("latin-1"))
    assert (latin[0]["double"], latin[2]) == (DOUBLE, ["Some letters of the file are not UTF-8 and could not be read."])
    half = repaired(released, lambda n: json.dumps(n).replace("Since", "\\ud83d"))
    assert half[0]["why"] == "? two and two."


def test_a_deleted_answer_is_missing_and_its_place_stays_empty(released):
    answers, _, notes = repaired(released, lambda n: n.cells.remove(named(n, "double")))
    assert "double" not in answers
    assert notes == ["The answer 'double' is missing."]


def split(name, *texts, metadata=True):
    """The front end's key that cuts a cell: every part keeps the metadata, or only the first does."""

    def change(notebook):
        at = place(notebook, name)
        halves = [copy.deepcopy(notebook.cells[at]) for _ in texts]
        for number, (half, text) in enumerate(zip(halves, texts, strict=True)):
            half.source = text
            if number and not metadata:
                half.metadata = {}
        notebook.cells[at : at + 1] = halves

    return change


HEAD, TAIL = "function double(x: number): number {", "  return 2 * x;\n}"


@pytest.mark.parametrize("metadata", [True, False])
def test_a_cell_that_was_split_is_put_together_again(released, metadata):
    answers, _, notes = repaired(released, split("double", HEAD, TAIL, metadata=metadata))
    assert answers["double"] == f"{HEAD}\n{TAIL}"
    assert notes == ["The answer 'double' lay in 2 cells; they were put together."]
    answers, _, notes = repaired(released, split("why", "Since two", "and two.", metadata=metadata))
    assert answers["why"] == "Since two\n\nand two."
    assert notes == ["The answer 'why' lay in 2 cells; they were put together."]


@pytest.mark.parametrize(
    ("texts", "before", "after"),
    [
        (["const twice = (x: number) => 2 * x;", "function double(x: number) { return twice(x); }"], 1, 0),
        ([DOUBLE, "double(3)"], 0, 1),
        ([DOUBLE, ""], 0, 0),
        (["", DOUBLE], 0, 0),
        (["function double(x: number) { return '}'.length; } // {", DOUBLE], 1, 0),
        # An old version as a whole, and the new one in two halves.
        (["function double(x: number) { return x; }", HEAD, TAIL], 1, 0),
    ],
)
def test_whole_parts_of_an_answer_run_one_after_the_other_as_at_home(released, texts, before, after):
    answers, cells, _ = repaired(released, split("double", *texts))
    names = [name_of(cell) for cell in cells]
    at = names.index("double")
    assert names[:at].count(None) == 1 + before  # the title
    assert names.index("test-double") == at + 1 + after
    joined = "\n".join(cell.source for cell in cells[at - before : at + 1 + after])
    assert joined == "\n".join(text for text in texts if text)
    assert "function double" in answers["double"]


@pytest.mark.parametrize(
    "neighbour",
    [
        new_markdown_cell(ESSAY),
        new_raw_cell(ESSAY),
        new_code_cell(f"// {ESSAY}"),
        new_code_cell(f"/* {ESSAY} */"),
        new_code_cell(ESSAY),
    ],
)
@pytest.mark.parametrize("where", ["above", "below", "end", "start"])
@pytest.mark.parametrize("left", ["as released", "empty", "deleted"])
def test_a_written_answer_beside_its_cell_is_shown_to_the_grader(released, neighbour, where, left):
    def change(notebook):
        at = place(notebook, "why")
        place_of = {"above": at, "below": at + 1, "end": len(notebook.cells), "start": 0}[where]
        answer = notebook.cells[at]
        if left == "empty":
            answer.source = ""
        notebook.cells.insert(place_of, copy.deepcopy(neighbour))
        if left == "deleted":
            notebook.cells.remove(answer)

    answers, cells, notes = repaired(released, change, {"double": DOUBLE, "square": SQUARE})
    assert answers["why"] == ESSAY
    assert sum(ESSAY in cell.source for cell in cells) == 1
    # A deleted cell whose text is still in its place has lost its name and nothing else.
    assert re.search("text in another cell was taken for it: please look|lost their names", " ".join(notes))


def test_a_written_answer_in_the_question_s_cell_is_found(released):
    def change(notebook):
        notebook.cells[0].source += f"\n\n{ESSAY}"

    answers, cells, _ = repaired(released, change, {"double": DOUBLE, "square": SQUARE})
    assert answers["why"] == ESSAY
    assert cells[0].source == "# Tiny"


def test_an_answer_that_nobody_touched_stays_as_handed_out(released):
    # A question that became another heading is no answer.
    answers, _, notes = repaired(released, lambda n: n.cells[0].update(source="### Tiny"), {})
    assert answers["why"] == "*Your answer here.*"
    assert notes == []


def test_what_else_a_student_wrote_follows_the_cell_it_stood_behind(released):
    def change(notebook):
        for name in ("double", "test-square"):
            notebook.cells.insert(place(notebook, name) + 1, new_code_cell(f"// behind {name}\n1 + 1"))
        notebook.cells.insert(0, new_markdown_cell("Mine"))

    _, cells, notes = repaired(released, change)
    texts = [cell.source.split("\n")[0] for cell in cells if not name_of(cell)]
    assert texts == ["Mine", "# Tiny", "// behind double", "// behind test-square"]
    assert [name_of(cell) for cell in cells].index("test-double") == 4
    assert notes == []
