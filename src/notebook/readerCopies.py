"""Copies of executed lessons for readers without a kernel: in docs/lessons, each figure as a picture beside its data.

A code host runs no script and shows the picture; whoever can draw Plotly figures (JupyterLab, VS Code) prefers the data.
"""

import copy
import json
import os
import subprocess
from pathlib import Path

import nbformat
from coursePages import FIGURE_TYPE, ROOT, Lesson

DRAW_FIGURES = ROOT / "dist" / "notebook" / "drawFigures.js"


class NoPictures(Exception):
    """Figures could not be drawn. The text says why."""


def write_copies(lessons: list[Lesson], folder: Path) -> None:
    """Writes a copy of each lesson, as it was executed, into `folder`."""
    notebooks = {lesson.name: copy.deepcopy(lesson.notebook) for lesson in lessons}
    bundles = [
        output.data
        for notebook in notebooks.values()
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if FIGURE_TYPE in output.get("data", {})
    ]
    for bundle, picture in zip(bundles, draw([bundle[FIGURE_TYPE] for bundle in bundles]), strict=True):
        bundle["image/png"] = picture
    folder.mkdir(parents=True, exist_ok=True)
    for name, notebook in notebooks.items():
        save(notebook, folder / f"{name}.ipynb")


def save(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Writes a notebook, whole or not at all."""
    fresh = path.with_name(f".{path.name}.new")
    nbformat.write(notebook, fresh)
    fresh.replace(path)


def draw(figures: list[dict]) -> list[str]:
    """The figures as PNG files in base64. Of an empty list it says whether there is a browser to draw with."""
    node = os.environ.get("SPARSELAB_NODE", "node")
    drawn = subprocess.run([node, DRAW_FIGURES], input=json.dumps(figures), capture_output=True, encoding="utf-8")
    if drawn.returncode != 0:
        raise NoPictures(drawn.stderr.strip())
    return json.loads(drawn.stdout)
