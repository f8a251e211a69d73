"""A class with a tiny assignment, for all tests of the classroom."""

import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "src"), str(Path(__file__).parent)]

import tiny  # noqa: E402 (it needs the path)

from classroom.course import Classroom  # noqa: E402
from classroom.jail import ROOT, is_jailed  # noqa: E402
from classroom.release import release  # noqa: E402


def pytest_configure(config):
    if not is_jailed() and os.environ.get("SPARSELAB_THROWAWAY") != str(ROOT):
        pytest.exit("No jail holds here: these tests run hostile code, on a copy only (npm test -- classroom).", 1)
    # nbgrader's own way with its database.
    config.addinivalue_line("filterwarnings", "ignore::sqlalchemy.exc.SAWarning")


def make_class(folder: Path, **options) -> Classroom:
    """A class in `folder` in which the tiny assignment is released, with short limits and unchecked types."""
    tiny.write_course(folder / "course", **options)
    classroom = _class_in(folder)
    release(classroom, [])
    return classroom


def copy_class(template: Classroom, folder: Path) -> Classroom:
    """The same class once more, in `folder`: to make one takes seconds, most of them for its gradebook."""
    for made in (template.course, template.folder):
        shutil.copytree(made, folder / made.name)
    classroom = _class_in(folder)
    # They name the folder.
    classroom.write_settings()
    return classroom


def _class_in(folder: Path) -> Classroom:
    classroom = Classroom(folder / "class", folder / "course")
    classroom.config.Limits.update(
        cell_seconds=3, notebook_seconds=90, patience=6, memory_mb=900, heap_mb=300, processes=24, types=False
    )
    return classroom


@pytest.fixture(scope="session")
def tiny_class(tmp_path_factory):
    """A class in which the tiny assignment is released, for tests that take nothing in."""
    return make_class(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def classroom(tiny_class, tmp_path):
    """The same, for one test alone."""
    return copy_class(tiny_class, tmp_path)
