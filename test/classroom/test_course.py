"""The course's own assignments: right answers have all points, unwritten ones none, mistakes are named in the feedback."""

import nbformat
import pytest
import tiny

from classroom.collect import collect
from classroom.course import COURSE, Classroom, Handin
from classroom.demo import AVERAGED_OVER_EVERYTHING
from classroom.grade import grade
from classroom.handin import read_result
from classroom.release import available, release
from classroom.report import feedback, scores

#: Points by tests; the rest of 100 is given by hand.
BY_TESTS = {"penalties": 80, "training": 85, "strength": 70, "diagnosis": 80, "dictionary": 70}

#: Those whose notebooks are graded.
GRADED = tiny.sampled(BY_TESTS)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Of each assignment the teacher's own notebook, the one that was released, and one of penalties with a mistake."""
    folder = tmp_path_factory.mktemp("course")
    classroom = Classroom(folder / "class")
    # On a busy machine everything takes longer.
    classroom.config.Limits.cell_seconds, classroom.config.Limits.notebook_seconds = 120, 400
    release(classroom, [])
    for name in GRADED:
        handins = {
            "solution": nbformat.read(COURSE / name / f"{name}.ipynb", 4),
            "empty": nbformat.read(classroom.folder / "release" / name / f"{name}.ipynb", 4),
        }
        if name == "penalties":
            handins["mistaken"] = nbformat.read(COURSE / name / f"{name}.ipynb", 4)
            cell = next(
                c for c in handins["mistaken"].cells if c.metadata.get("nbgrader", {}).get("grade_id") == "l1Penalty"
            )
            cell.source = AVERAGED_OVER_EVERYTHING
        for student, notebook in handins.items():
            (folder / "in" / student).mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, folder / "in" / student / f"{name}.ipynb")
    collect(classroom, folder / "in", None)
    assert grade(classroom, [], [], False, None)
    return classroom, {
        (student, name): (points, total) for name, student, points, _, _, _, total, _ in scores(classroom)
    }


def test_the_course_has_these_assignments():
    assert set(available(COURSE)) == set(BY_TESTS)


@pytest.mark.parametrize("name", GRADED)
def test_a_solution_has_all_points_of_the_tests_and_no_note(graded, name):
    classroom, rows = graded
    assert rows["solution", name] == (BY_TESTS[name], 100)
    assert read_result(classroom.step("autograded", Handin("solution", name)))["notes"] == []


@pytest.mark.parametrize("name", GRADED)
def test_an_empty_hand_in_has_no_points_and_no_note(graded, name):
    classroom, rows = graded
    assert rows["empty", name] == (0, 100)
    assert read_result(classroom.step("autograded", Handin("empty", name)))["notes"] == []


def test_a_mistake_costs_its_part_and_the_feedback_names_it(graded):
    classroom, rows = graded
    # Of l1Penalty's 15 points none is left: every check has inputs on which the two means differ.
    assert rows["mistaken", "penalties"] == (65, 100)
    feedback(classroom, ["penalties"], ["mistaken"])
    page = (classroom.step("feedback", Handin("mistaken", "penalties")) / "penalties.html").read_text(encoding="utf-8")
    assert "sum over the units, and average over the examples only" in page
