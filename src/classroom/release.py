"""Release: from the course's source notebooks to the students' versions, without solutions and hidden tests."""

import re
import shutil
from pathlib import Path

import nbformat
from nbgrader.converters import GenerateAssignment

from .course import HISTORY, Classroom, ClassroomError, replace_folder, run_nbgrader
from .table import print_table

#: Nothing of these may be in a released notebook.
SECRETS = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS)")


def release(classroom: Classroom, assignments: list[str]) -> None:
    """Releases the assignments (by default all of the course) to `class/release` and notes them in the gradebook."""
    names = assignments or available(classroom.course)
    rows = []
    with classroom.alone():
        classroom.write_settings()
        for name in names:
            rows.append(_release(classroom, name))
    print_table(["assignment", "tests", "by tests", "by hand", "points", "hand out"], rows)


def available(course: Path) -> list[str]:
    """The assignments of a course: a folder each, with a notebook of the same name."""
    return sorted(path.stem for path in course.glob("*/*.ipynb") if path.stem == path.parent.name)


def _release(classroom: Classroom, name: str) -> list:
    source = classroom.course / name
    if name not in available(classroom.course):
        raise ClassroomError(
            f"There is no assignment {name!r} in {classroom.course}; there is {', '.join(available(classroom.course))}."
        )
    copy = classroom.folder / "source" / name
    shutil.copytree(source, copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    # A place of its own: what has not been looked at, or not written to its end, is never where students get it.
    drafts = classroom.folder / ".releasing"
    shutil.rmtree(drafts, ignore_errors=True)
    directory = classroom.course_directory(name)
    directory.release_directory = drafts.name
    directory.ignore = [*directory.ignore, HISTORY]
    converter = GenerateAssignment(coursedir=directory, config=classroom.config)
    run_nbgrader(converter, f"could not release {name!r}")
    leak = SECRETS.search((drafts / name / f"{name}.ipynb").read_text(encoding="utf-8"))
    if leak:
        shutil.rmtree(drafts)
        raise ClassroomError(f"{name!r} was not released: {leak.group(0)!r} would still be in it.")
    place = classroom.folder / "release" / name
    replace_folder(classroom.folder, place, drafts / name)
    shutil.rmtree(drafts)
    classroom.remember_release(name)
    released = place / f"{name}.ipynb"
    settings = [cell.metadata.nbgrader for cell in nbformat.read(released, 4).cells if "nbgrader" in cell.metadata]
    graded = [cell for cell in settings if cell.grade]
    by_tests = sum(cell.points for cell in graded if not cell.solution)
    by_hand = sum(cell.points for cell in graded if cell.solution)
    tests = sum(1 for cell in graded if not cell.solution)
    return [name, tests, by_tests, by_hand, by_tests + by_hand, released]
