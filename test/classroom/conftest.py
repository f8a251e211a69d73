"""A class with a tiny assignment, for all tests of the classroom."""

import os
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
    classroom = Classroom(folder / "class", folder / "course")
    classroom.config.Limits.update(
        cell_seconds=6, notebook_seconds=90, patience=6, memory_mb=900, heap_mb=300, processes=24, types=False
    )
    release(classroom, [])
    return classroom


@pytest.fixture
def classroom(tmp_path):
    return make_class(tmp_path)


@pytest.fixture(scope="session")
def tiny_class(tmp_path_factory):
    """A class in which the tiny assignment is released, for tests that take nothing in."""
    return make_class(tmp_path_factory.mktemp("tiny"))
