"""The folders of a class, and its gradebook's records of an assignment.

notebooks/assignments/   the course: source notebooks and nbgrader_config.py, in the repository
class/                   one class: gradebook.db, source, release, submitted, autograded, feedback; never in git
"""

import atexit
import json
import logging
import os
import re
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import capture_log
from traitlets.config import Config, PyFileConfigLoader

from .jail import ROOT
from .library import link
from .outputs import is_locked
from .repair import DECLARED, ReleasedCell, fingerprint

COURSE = ROOT / "notebooks" / "assignments"
SETTINGS = "nbgrader_config.py"

#: A file next to a source notebook: the texts of its cells as they were handed out, in all releases.
HISTORY = "handed-out.json"

#: Paths that mean themselves everywhere. In others a database's address, a pattern of files or a template reads ? % [ as signs.
PLAIN = re.compile(r"[\w ./\\:-]*")

#: In the class's folder: what a command is about to replace, so that a kill in between does not lose it.
REPLACED = ".replaced"

#: Tells nbgrader's own page where the class is, if not where its settings say.
CLASS_PATH = "SPARSELAB_CLASS_PATH"


class ClassroomError(Exception):
    """Something that the teacher can put right; the message says how."""


@dataclass(frozen=True)
class Handin:
    """One student's work on one assignment."""

    student: str
    assignment: str


class Classroom:
    """The folders and the gradebook of one class."""

    def __init__(self, folder: Path, course: Path = COURSE):
        self.folder = folder.resolve()
        self.course = course.resolve()
        # A course elsewhere may have settings of its own, which count where they differ.
        places = dict.fromkeys([COURSE, self.course])
        self.settings = [path for place in places if (path := place / SETTINGS).exists()]
        self.config = Config()
        for path in self.settings:
            # By its whole path: in a folder to search, $ and ~ would be signs.
            self.config.merge(PyFileConfigLoader(str(path)).load_config())
        self.folder.mkdir(parents=True, exist_ok=True)
        #: The class's folder, by a path that nbgrader and its database understand.
        self.path = _plain(self.folder)
        self.config.CourseDirectory.root = str(self.path)
        # nbgrader makes a gradebook by running the program `alembic`, which lies next to our Python.
        programs = str(Path(sys.executable).parent)
        if programs not in os.environ["PATH"].split(os.pathsep):
            os.environ["PATH"] = os.pathsep.join([programs, os.environ["PATH"]])

    @property
    def db_url(self) -> str:
        return f"sqlite:///{(self.path / 'gradebook.db').as_posix()}"

    def gradebook(self) -> Gradebook:
        return Gradebook(self.db_url)

    def course_directory(self, assignment: str, student: str = "*") -> CourseDirectory:
        directory = CourseDirectory(config=self.config)
        directory.assignment_id, directory.student_id = assignment, student
        return directory

    def step(self, step: str, handin: Handin) -> Path:
        """The folder of a hand-in in one of nbgrader's steps: submitted, autograded or feedback."""
        return self.folder / step / handin.student / handin.assignment

    def released(self) -> list[str]:
        """The names of the assignments that have been released."""
        return sorted(path.parent.name for path in (self.folder / "release").glob("*/*.ipynb"))

    def handins(self, step: str = "submitted") -> list[Handin]:
        """The hand-ins that are in a step, in the order of students' names."""
        folders = (path.parent for path in (self.folder / step).glob("*/*/*.ipynb"))
        return sorted(
            {Handin(path.parent.name, path.name) for path in folders}, key=lambda h: (h.assignment, h.student)
        )

    def released_cells(self, assignment: str) -> tuple[list[ReleasedCell], dict]:
        """The cells of an assignment in order, with hidden tests, and the kernel it is for. Texts between them have no name."""
        release = nbformat.read(self.folder / "release" / assignment / f"{assignment}.ipynb", as_version=4)
        with self.gradebook() as gradebook:
            sources = {cell.name: cell for cell in gradebook.find_notebook(assignment, assignment).source_cells}
            cells = []
            known = self._handed_out(assignment)
            for cell in release.cells:
                settings = cell.metadata.get("nbgrader")
                source = sources.get(settings.grade_id) if settings else None
                if source is None:
                    handed_out = frozenset([*known.get("", ()), fingerprint(cell.source)])
                    # With those of other places and earlier releases: none of them is the student's.
                    cells.append(ReleasedCell("", cell.cell_type, cell.source, "", True, False, None, handed_out))
                    continue
                cells.append(
                    ReleasedCell(
                        name=source.name,
                        cell_type=source.cell_type,
                        source=source.source,
                        checksum=source.checksum,
                        locked=source.locked,
                        solution=settings.solution,
                        points=float(settings.points) if settings.grade else None,
                        handed_out=frozenset(known.get(source.name, ())),
                    )
                )
        return cells, dict(release.metadata.kernelspec)

    def asked_names(self, assignment: str) -> frozenset[str]:
        """The names that students' cells declare in the teacher's version: tests may use these names."""
        source = nbformat.read(self.folder / "source" / assignment / f"{assignment}.ipynb", as_version=4)
        unlocked = [cell.source for cell in source.cells if cell.cell_type == "code" and not is_locked(cell)]
        return frozenset(name for text in unlocked for name in DECLARED.findall(text))

    def remember_release(self, assignment: str) -> None:
        """Notes the text of every cell as handed out, next to those of earlier releases."""
        known = self._handed_out(assignment)
        release = nbformat.read(self.folder / "release" / assignment / f"{assignment}.ipynb", as_version=4)
        for cell in release.cells:
            texts = known.setdefault(cell.metadata.get("nbgrader", {}).get("grade_id", ""), [])
            if fingerprint(cell.source) not in texts:
                texts.append(fingerprint(cell.source))
        write_atomically(self._history(assignment), json.dumps(known, indent=1))

    def write_settings(self) -> None:
        """Makes nbgrader's own programs find the course's settings when they are started in the class's folder."""
        settings = [
            "c = get_config()  # noqa: F821 (Jupyter defines it)",
            # By its text: load_subconfig would expand $ and ~ in the path.
            *(f"exec(open({str(path)!r}, encoding='utf-8').read())" for path in self.settings),
            f"c.CourseDirectory.root = __import__('os').environ.get({CLASS_PATH!r}, {str(self.folder)!r})",
        ]
        write_atomically(self.folder / SETTINGS, "\n".join(settings) + "\n")

    def _history(self, assignment: str) -> Path:
        return self.folder / "source" / assignment / HISTORY

    def _handed_out(self, assignment: str) -> dict[str, list[str]]:
        try:
            return json.loads(self._history(assignment).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Holds the class while something changes it: a database's lock, which ends with its process however that ends."""
        lock = sqlite3.connect(self.folder / "in-use.lock", timeout=0, isolation_level=None)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            raise ClassroomError(f"Another command is at work in {self.folder}. Wait until it has ended.") from None
        try:
            self._recover()
            yield
        finally:
            lock.close()

    def _recover(self) -> None:
        """Brings back what a command had moved away when it was killed."""
        replaced = self.folder / REPLACED
        for kept in [*replaced.glob("release/*"), *replaced.glob("autograded/*/*")]:
            place = self.folder / kept.relative_to(replaced)
            if not place.exists():
                kept.rename(place)
        shutil.rmtree(replaced, ignore_errors=True)


def replace_folder(root: Path, place: Path, new: Path) -> None:
    """Replaces a folder of a class by a new one. A kill in between loses neither: the next command brings back the old one."""
    place.parent.mkdir(parents=True, exist_ok=True)
    kept = root / REPLACED / place.relative_to(root)
    if place.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        place.rename(kept)
    new.rename(place)
    shutil.rmtree(kept, ignore_errors=True)


def _plain(folder: Path) -> Path:
    """The folder, or a link to it with a plain path that is there as long as this process."""
    if PLAIN.fullmatch(str(folder)):
        return folder
    place = Path(tempfile.mkdtemp(prefix="sparselab-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    link(folder, place / "class")
    return place / "class"


def run_nbgrader(converter: BaseConverter, failure: str) -> None:
    """Runs a step of nbgrader quietly.

    @raises ClassroomError with the last lines of its log if it fails
    """
    # Its preprocessors complain of each other's settings, which are all nbgrader's own.
    logging.getLogger("traitlets").setLevel(logging.ERROR)
    outcome = capture_log(converter)
    if not outcome["success"]:
        lines = (outcome.get("error") or outcome.get("log") or "").strip().splitlines()
        log = (outcome.get("log") or "").strip().splitlines()
        raise ClassroomError("\n  ".join([f"nbgrader {failure}:", *log[-8:], *lines[-1:]]))


def write_atomically(path: Path, content: str | bytes) -> None:
    """Writes a file that is there as a whole or not at all."""
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(content.encode() if isinstance(content, str) else content)
    draft.replace(path)
