"""A tiny assignment and hand-ins for it, for tests of the classroom: it needs no library and starts quickly."""

import os
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

#: Whether everything is checked; the short run (`npm test` alone) takes samples where one law is checked of many things.
WHOLE = os.environ.get("SPARSELAB_TESTS") != "short"


def sampled(cases):
    """All of these; in the short run the first."""
    return list(cases) if WHOLE else list(cases)[:1]


KERNELSPEC = {"name": "tslab", "display_name": "TypeScript (Sparselab)", "language": "typescript"}


def settings(name, *, grade=False, solution=False, locked=False, points=None):
    """nbgrader's metadata of a cell, schema 3."""
    return {
        "nbgrader": {
            "schema_version": 3,
            "grade_id": name,
            "grade": grade,
            "solution": solution,
            "locked": locked,
            "task": False,
            **({} if points is None else {"points": points}),
        }
    }


def source_notebook(hidden_double="double(-3) === -6"):
    """Two functions worth 4 (of which the hidden test gives half) and 2 points, and a written answer worth 4."""
    cells = [
        new_markdown_cell("# Tiny", id="title"),
        new_code_cell(
            "function double(x: number): number {\n  // ### BEGIN SOLUTION\n  return 2 * x;\n  // ### END SOLUTION\n}",
            id="double",
            metadata=settings("double", solution=True),
        ),
        new_code_cell(
            "let points = double(3) === 6 ? 2 : 0;\n// ### BEGIN HIDDEN TESTS\n"
            f"if ({hidden_double}) points += 2;\n// ### END HIDDEN TESTS\npoints",
            id="test-double",
            metadata=settings("test-double", grade=True, locked=True, points=4),
        ),
        new_code_cell(
            "function square(x: number): number {\n  // ### BEGIN SOLUTION\n  return x * x;\n  // ### END SOLUTION\n}",
            id="square",
            metadata=settings("square", solution=True),
        ),
        new_code_cell(
            "if (square(-3) !== 9) throw new Error('square(-3) should be 9; got ' + square(-3));\n2",
            id="test-square",
            metadata=settings("test-square", grade=True, locked=True, points=2),
        ),
        new_markdown_cell("Because.", id="why", metadata=settings("why", grade=True, solution=True, points=4)),
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": KERNELSPEC})


def write_course(folder: Path, notebook=None, **options) -> None:
    """The source assignment, where a course keeps it."""
    (folder / "tiny").mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook or source_notebook(**options), folder / "tiny" / "tiny.ipynb")


DOUBLE = "function double(x: number): number { return 2 * x; }"
SQUARE = "function square(x: number): number { return x * x; }"


def answer(released: Path, answers: dict[str, str]):
    """What was released, with the given texts in the cells of these names."""
    notebook = nbformat.read(released, 4)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in answers:
            cell.source = answers[name]
    return notebook
