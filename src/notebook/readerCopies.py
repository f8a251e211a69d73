"""Copies of executed lessons for readers without a kernel: in docs/lessons, each figure as a picture next to its data, each dashboard as
a picture.

A code host runs no script and shows the picture; programs that can draw Plotly figures (JupyterLab, VS Code) prefer the data.
"""

import copy
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import nbformat
from coursePages import FIGURE_TYPE, ROOT, UNITS_TYPE, Lesson

#: A list of numbers, one per line, as JSON with indentation has it; no text in JSON holds a line's end.
NUMBERS = re.compile(r"\[\n *(?:-?\d[\d.eE+-]*|null)(?:,\n *(?:-?\d[\d.eE+-]*|null))*\n *\]")

#: A pattern that only the HTML of a dashboard has.
DASHBOARD = 'class="sparselab-dashboard"'

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
        if drawable(output.get("data", {}))
    ]
    for bundle, picture in zip(bundles, draw([drawable(bundle) for bundle in bundles]), strict=True):
        bundle["image/png"] = picture
        lighten(bundle)
    folder.mkdir(parents=True, exist_ok=True)
    for name, notebook in notebooks.items():
        save(notebook, folder / f"{name}.ipynb")


def drawable(bundle: dict) -> dict | None:
    """The part of an output that is drawn: a figure, or a dashboard, whose styles and pictures code hosts take out of its
    HTML."""
    if FIGURE_TYPE in bundle:
        return bundle[FIGURE_TYPE]
    html = "".join(bundle.get("text/html", ""))
    return {"html": html} if DASHBOARD in html else None


def lighten(bundle: dict) -> None:
    """Leaves out what no code host shows: a unit panel, which only our own page can draw, a dashboard's HTML, most digits."""
    bundle.pop(UNITS_TYPE, None)
    if FIGURE_TYPE in bundle:
        bundle[FIGURE_TYPE] = rounded(bundle[FIGURE_TYPE])
    else:
        bundle.pop("text/html")


def rounded(value: Any) -> Any:
    """The same with numbers of as many digits as one can see in a figure."""
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


def save(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Writes a notebook, whole or not at all; lists of numbers on one line each."""
    fresh = path.with_name(f".{path.name}.new")
    text = NUMBERS.sub(lambda numbers: " ".join(numbers[0].split()), nbformat.writes(notebook))
    fresh.write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")
    fresh.replace(path)


def draw(figures: list[dict]) -> list[str]:
    """The figures as PNG files in base64. For an empty list it says whether there is a browser to draw with."""
    node = os.environ.get("SPARSELAB_NODE", "node")
    drawn = subprocess.run([node, DRAW_FIGURES], input=json.dumps(figures), capture_output=True, encoding="utf-8")
    if drawn.returncode != 0:
        raise NoPictures(drawn.stderr.strip())
    return json.loads(drawn.stdout)
