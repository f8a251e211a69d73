"""A class with a tiny assignment, for all tests of the classroom."""

import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "src"), str(Path(__file__).parent)]

import tiny  # noqa: E402 (it needs the path)

from classroom.course import Classroom  # noqa: E402
from classroom.release import release  # noqa: E402


def pytest_configure(config):
    # nbgrader's own way with its database.
    config.addinivalue_line("filterwarnings", "ignore::sqlalchemy.exc.SAWarning")


def make_class(folder: Path, **options) -> Classroom:
    """A class in `folder` in which the tiny assignment is released, with short limits."""
    tiny.write_course(folder / "course", **options)
    classroom = Classroom(folder / "class", folder / "course")
    limits = classroom.config.Limits
    limits.cell_seconds, limits.notebook_seconds, limits.memory_mb, limits.heap_mb, limits.processes = (
        6,
        90,
        900,
        300,
        24,
    )
    limits.patience = 6
    release(classroom, [])
    return classroom


@pytest.fixture
def classroom(tmp_path):
    return make_class(tmp_path)
