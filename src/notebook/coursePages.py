"""The course as pages: executed notebooks in, a folder that opens from a disk out. No page asks the network for anything."""

import base64
import json
import re
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

import nbformat
from jinja2 import Environment, FileSystemLoader
from nbconvert import HTMLExporter
from nbconvert.filters import markdown2html
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter

COURSE = "Sparselab"
SUMMARY = "What sparsity penalties do to an autoencoder, learned by running and changing them."
FIGURE_TYPE = "application/vnd.plotly.v1+json"
UNITS_TYPE = "application/vnd.sparselab.units+json"

#: Where a page names its neighbours, as the template writes it.
NEIGHBOURS = re.compile(r'<nav aria-label="Lessons">.*?</nav>', re.DOTALL)

#: A link to a lesson: as its text has it, to the notebook, or as a page has it.
LESSON_LINK = re.compile(r'<a (?:href="([^"#/:]+)\.ipynb(?:#[^"]*)?"|data-lesson="([^"]+)"(?: href="[^"]*")?)>')

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TEMPLATE = HERE / "site-template"
GLOSSARY = ROOT / "docs" / "glossary.md"
README = ROOT / "README.md"
COPIES = ROOT / "docs" / "lessons"

#: The cell whose figure stands for its lesson on the first page; lessons without one have no picture there.
PICTURES = {
    "00-start-here": "digits",
    "01-an-autoencoder-and-its-dense-code": "dense-weights",
    "02-the-l1-penalty": "dead-weights",
    "03-the-kl-penalty": "edges",
    "04-both-side-by-side": "pairs",
    "05-tuning": "map",
    "06-monitoring": "faces",
    "07-reading-the-features": "taught",
    "08-sparsity-without-a-penalty": "clinic-units",
    "09-did-it-find-the-right-features": "race",
    "10-what-is-a-word-made-of": "bars",
}

#: A lesson in README's table: its file, and the question that it answers.
QUESTION = re.compile(r"^\|[^|]*\| \[[^\]]*\]\(docs/lessons/([^)]+)\.ipynb\) \| (.+?) \|$", re.MULTILINE)


@dataclass
class Picture:
    """A lesson's figure as a small PNG file."""

    png: bytes
    #: Its subject, in words.
    alt: str
    #: Whether it is a grid of tiny pictures, one pixel per number, which must stay sharp when it is enlarged.
    pixels: bool


@dataclass
class Lesson:
    """A notebook and its place in the course."""

    name: str
    notebook: NotebookNode

    @property
    def page(self) -> str:
        return f"{self.name}.html"

    @property
    def title(self) -> str:
        """Its first heading, without the number and the signs of markdown."""
        heading = re.search(r"^#\s+(.+)$", self._markdown(), re.MULTILINE)
        return _plain(heading[1]) if heading else self.name

    @property
    def aims(self) -> list[str]:
        """The goals in its first cell. An item may run over several lines."""
        first = next((cell.source for cell in self.notebook.cells if cell.cell_type == "markdown"), "")
        items = re.findall(r"^- (.+(?:\n  .+)*)", first, re.MULTILINE)
        return [_plain(" ".join(item.split())) for item in items]

    def _markdown(self) -> str:
        return "\n\n".join(cell.source for cell in self.notebook.cells if cell.cell_type == "markdown")


def write_site(lessons: list[Lesson], course: list[Lesson], destination: Path, live: str | None = None) -> None:
    """Writes the pages of `lessons`, and replaces what was at `destination` only when all of them are there.

    Pages that other lessons of the course have there stay. The contents list the whole course. With `live`, the address of
    the live course from there, each of the pages has a link that runs its lesson.
    """
    destination.parent.mkdir(parents=True, exist_ok=True)
    fresh = destination.parent / f".{destination.name}-{uuid.uuid4().hex}"
    retired = fresh.with_name(f"{fresh.name}-old")
    try:
        fresh.mkdir()
        _write_assets(fresh / "assets")
        _write_pages(lessons, course, destination, fresh, live)
        if destination.exists():
            destination.rename(retired)
        fresh.rename(destination)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(retired, ignore_errors=True)


def _write_pages(lessons: list[Lesson], course: list[Lesson], earlier: Path, folder: Path, live: str | None) -> None:
    exporter = _exporter()
    environment = Environment(loader=FileSystemLoader(TEMPLATE))
    environment.filters["markdown2html"] = markdown2html
    executed = {lesson.name: lesson for lesson in lessons}
    with_page = [lesson for lesson in course if lesson.name in executed or (earlier / lesson.page).is_file()]
    neighbours = [None, *with_page, None]
    for previous, lesson, following in zip(neighbours, with_page, neighbours[2:], strict=False):
        if lesson.name not in executed:
            links = environment.get_template("page.html.j2").module.neighbours(previous, following)
            page = (earlier / lesson.page).read_text(encoding="utf-8")
            page = NEIGHBOURS.sub(lambda _, links=links: links, page)
            (folder / lesson.page).write_text(_joined(page, with_page), encoding="utf-8")
            continue
        exporter.environment.globals["lesson"] = {
            "course": COURSE,
            "title": lesson.title,
            "previous": previous,
            "next": following,
            "run": live and f"{live}/lab/index.html?path={lesson.name}.ipynb",
            "figure_type": FIGURE_TYPE,
            "units_type": UNITS_TYPE,
        }
        body, _ = exporter.from_notebook_node(executed[lesson.name].notebook)
        (folder / lesson.page).write_text(_joined(body, with_page), encoding="utf-8")
    contents = environment.get_template("contents.html.j2").render(
        course=COURSE,
        summary=SUMMARY,
        lessons=course,
        with_page=with_page,
        live=live,
        pictures=_write_pictures(course, folder / "assets" / "lessons"),
        questions=dict(QUESTION.findall(README.read_text(encoding="utf-8"))),
    )
    (folder / "index.html").write_text(contents, encoding="utf-8")
    glossary = environment.get_template("glossary.html.j2").render(
        course=COURSE, glossary=GLOSSARY.read_text(encoding="utf-8")
    )
    (folder / "glossary.html").write_text(glossary, encoding="utf-8")


def _write_pictures(course: list[Lesson], folder: Path) -> dict[str, Picture]:
    """Writes a picture for each lesson that has one, and returns them by the lessons' names."""
    pictures = {lesson.name: picture for lesson in course if (picture := _picture_of(lesson.name))}
    folder.mkdir()
    for name, picture in pictures.items():
        (folder / f"{name}.png").write_bytes(picture.png)
    return pictures


def _picture_of(name: str) -> Picture | None:
    """A lesson's figure as its published copy has it; only that one was drawn in a browser."""
    copy = COPIES / f"{name}.ipynb"
    if name not in PICTURES or not copy.is_file():
        return None
    notebook = nbformat.read(copy, as_version=4)
    cell = next((cell for cell in notebook.cells if cell.get("id") == PICTURES[name]), None)
    shown = [output.data for output in cell.outputs if "image/png" in output.get("data", {})] if cell else []
    if not shown:
        return None
    alt = re.sub(r"^\w+: ", "", shown[0]["text/plain"])
    traces = shown[0].get(FIGURE_TYPE, {}).get("data", [])
    grid = next((trace.source for trace in traces if trace.get("type") == "image"), None)
    encoded = grid.partition(",")[2] if grid else shown[0]["image/png"]
    return Picture(base64.b64decode(encoded), alt, grid is not None)


def _joined(page: str, with_page: list[Lesson]) -> str:
    """The page with links to the pages of other lessons; of a lesson that has none only the words stay, until it has one."""
    pages = {lesson.name: lesson.page for lesson in with_page}

    def link(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        return f'<a data-lesson="{name}" href="{pages[name]}">' if name in pages else f'<a data-lesson="{name}">'

    return LESSON_LINK.sub(link, page)


def _exporter() -> HTMLExporter:
    exporter = HTMLExporter(
        template_name=TEMPLATE.name,
        extra_template_basedirs=[str(HERE)],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    exporter.register_filter("json_in_html", _json_in_html)
    return exporter


def _write_assets(folder: Path) -> None:
    shutil.copytree(TEMPLATE / "assets", folder)
    shutil.copyfile(HERE / "labextension" / "unitPanel.js", folder / "unitPanel.js")
    style = HtmlFormatter(style="default").get_style_defs(".highlight")
    (folder / "code.css").write_text(style + "\n", encoding="utf-8")

    modules = ROOT / "node_modules"
    shutil.copyfile(modules / "plotly.js-dist" / "plotly.js", folder / "plotly.js")
    katex = modules / "katex"
    (folder / "katex" / "fonts").mkdir(parents=True)
    for file in ["LICENSE", "dist/katex.min.css", "dist/katex.min.js", "dist/contrib/auto-render.min.js"]:
        shutil.copyfile(katex / file, folder / "katex" / Path(file).name)
    # The style sheet names three formats of each font; every browser of the last ten years takes this one.
    for font in (katex / "dist" / "fonts").glob("*.woff2"):
        shutil.copyfile(font, folder / "katex" / "fonts" / font.name)


def _json_in_html(value: object) -> str:
    """JSON that no HTML parser takes for the end of its script element."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")


def _plain(markdown: str) -> str:
    """Words without the signs of markdown: links, code and emphasis. Formulas stay as they are."""
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return re.sub(r"(\$[^$]*\$)|[*_`]", lambda found: found[1] or "", words).strip()
