"""Grading as a whole: killed and resumed, done again after a test was fixed, given back."""

import csv
import html
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request

import nbformat
import psutil
import pytest
import tiny

from classroom.collect import collect
from classroom.course import Classroom, ClassroomError, Handin
from classroom.grade import grade
from classroom.handin import read_result
from classroom.jail import NONE, ROOT, Surroundings, confined
from classroom.release import release
from classroom.report import export, feedback, scores
from classroom.sandbox import Limits

ANSWERS = {
    "right": {"double": tiny.DOUBLE, "square": tiny.SQUARE, "why": "Because of this."},
    "positive-only": {"double": "const double = (x: number) => Math.abs(2 * x);", "square": tiny.SQUARE},
    "empty": {},
}
#: double 4 (visible 2, hidden 2) and square 2, counted by hand.
BY_TESTS = {"right": 6, "positive-only": 4, "empty": 0}


def hand_in(classroom, folder, students):
    released = classroom.folder / "release" / "tiny" / "tiny.ipynb"
    for student, answers in students.items():
        (folder / student).mkdir(parents=True, exist_ok=True)
        nbformat.write(tiny.answer(released, answers), folder / student / "my work.ipynb")
    collect(classroom, folder, None)


def by_tests(classroom):
    return {student: points for _, student, points, *_ in scores(classroom)}


def elsewhere(classroom, name):
    """Starts a command as a process of its own."""
    command = [
        sys.executable,
        "-m",
        "classroom",
        name,
        "--class",
        str(classroom.folder),
        "--course",
        str(classroom.course),
    ]
    return subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, stdout=subprocess.PIPE, text=True
    )


def test_what_is_released_has_no_solution_and_no_hidden_test_and_asks_for_code(classroom):
    text = (classroom.folder / "release" / "tiny" / "tiny.ipynb").read_text()
    for secret in ("return 2 * x", "-6", "HIDDEN", "SOLUTION", "Because."):
        assert secret not in text
    assert text.count("throw new Error('not written yet');") == 2


def test_points_agree_with_a_count_by_hand(classroom, tmp_path):
    hand_in(classroom, tmp_path / "in", ANSWERS)
    assert grade(classroom, [], [], False, None)
    assert by_tests(classroom) == BY_TESTS
    states = {student: state for _, student, *_, state in scores(classroom)}
    assert states == {"right": "by hand next", "positive-only": "done", "empty": "done"}


def test_a_killed_run_leaves_no_process_and_the_next_one_finishes_it_without_counting_twice(classroom, tmp_path):
    students = {f"{name}-{number}": answers for number in range(2) for name, answers in ANSWERS.items()}
    hand_in(classroom, tmp_path / "in", students)
    command = elsewhere(classroom, "grade")
    for line in command.stdout:
        if "2/6" in line:
            break
    family = psutil.Process(command.pid).children(recursive=True)
    command.send_signal(signal.SIGKILL)
    command.wait()
    _, alive = psutil.wait_procs(family, timeout=10)
    if sys.platform == "linux":
        # Where nobody collects processes whose parent has gone, as in many containers, they stay in the table: ended all the same.
        assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
    before = {
        h.student: (classroom.step("autograded", h) / "grading.json").stat().st_mtime_ns
        for h in classroom.handins("autograded")
    }
    assert 2 <= len(before) < 6

    assert grade(classroom, [], [], False, None)
    assert by_tests(classroom) == {student: BY_TESTS[student.rsplit("-", 1)[0]] for student in students}
    for student, modified in before.items():
        assert (classroom.step("autograded", Handin(student, "tiny")) / "grading.json").stat().st_mtime_ns == modified


@pytest.mark.skipif(sys.platform == "win32", reason="there a kernel ends by itself, when it looks for us")
def test_a_kernel_whose_grader_has_ended_meanwhile_does_not_start(tmp_path):
    around = Surroundings(temporary=tmp_path, cwd=tmp_path)
    program, *arguments, instructions = confined(NONE, ["/bin/sh", "-c", "echo started"], around, {})
    orphaned = json.dumps({**json.loads(instructions), "parent": 1})
    for told, (said, code) in {instructions: ("started\n", 0), orphaned: ("", 1)}.items():
        outcome = subprocess.run([program, *arguments, told], capture_output=True, text=True)
        assert (outcome.stdout, outcome.returncode) == (said, code)


def test_root_grades_without_a_jail_only_if_told(classroom, tmp_path, monkeypatch):
    hand_in(classroom, tmp_path / "in", {"right": ANSWERS["right"]})
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("classroom.grade.is_jailed", lambda: False)
    with pytest.raises(ClassroomError, match="--let-hand-ins-run-as-root"):
        grade(classroom, [], [], False, None)
    assert classroom.handins("autograded") == []
    # The permissions of its code are as on this machine: only the question is another one.
    assert grade(classroom, [], [], False, None, as_root_without_jail=True)


def test_a_gradebook_that_was_lost_or_never_written_is_filled_again_from_the_results(classroom, tmp_path):
    hand_in(classroom, tmp_path / "in", {"right": ANSWERS["right"]})
    grade(classroom, [], [], False, None)
    with classroom.gradebook() as gradebook:
        gradebook.remove_submission("tiny", "right")
    grade(classroom, [], [], False, None)
    assert by_tests(classroom) == {"right": 6}


ATTACKS = [
    "<script>alert(1)</script>",
    "text <img src=x onerror=alert(2)> text",
    "[link](javascript:alert(3))",
    "[link]( javascript:alert(3))",
    "![picture](javascript:alert(3))",
    "[link](&#106;avascript:alert(3))",
    "[link](data:text/html,alert(3))",
    "<javascript:alert(4)>",
    "[reference]\n\n[reference]: javascript:alert(5)",
    "<svg/onload=alert(6)>",
    "<<script>alert(7)</script>",
    "`<script>alert(8)</script>`",
    "![no such picture](attachment:x.png)",
]


def test_what_a_student_writes_runs_no_script_in_the_reader_s_browser(classroom, tmp_path):
    written = "\n\n".join(ATTACKS) + "\n\nand $x^2$, a < b, [a paper](https://example.org)"
    shown = "({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': '<script>alert(4)</script>' }) })"
    hand_in(
        classroom, tmp_path / "in", {"right": ANSWERS["right"] | {"why": written, "square": f"{tiny.SQUARE}\n{shown}"}}
    )
    grade(classroom, [], [], False, None)
    feedback(classroom, [], [])
    page = (classroom.step("feedback", Handin("right", "tiny")) / "tiny.html").read_text()
    for tag in re.findall(r"<(?:script|img|svg|a|iframe)\b[^>]*>", page):
        assert not re.search(r"alert|onerror|onload|javascript|&#", html.unescape(tag) + tag), tag
    assert "<math" in page
    assert 'href="https://example.org"' in page


def test_what_the_grader_could_not_grade_has_no_points_a_note_and_another_try(classroom, tmp_path, monkeypatch):
    hand_in(classroom, tmp_path / "in", {"right": ANSWERS["right"]})
    with monkeypatch.context() as broken:
        broken.setattr("classroom.handin.NotebookRun.run", lambda *_: 1 / 0)
        assert not grade(classroom, [], [], False, None)
    assert by_tests(classroom) == {"right": 0}
    notes = read_result(classroom.step("autograded", Handin("right", "tiny")))["notes"]
    assert notes == [
        "The grader failed: ZeroDivisionError: division by zero. No points were given: the next class:grade tries again."
    ]
    assert grade(classroom, [], [], False, None)
    assert by_tests(classroom) == {"right": 6}


def test_a_kernel_that_does_not_start_costs_no_student_points(classroom, tmp_path, monkeypatch):
    hand_in(classroom, tmp_path / "in", {"right": ANSWERS["right"]})
    with monkeypatch.context() as broken:
        broken.setattr("classroom.sandbox.node", lambda: str(tmp_path / "no such node"))
        assert not grade(classroom, [], [], False, None)
    assert "the kernel did not start" in read_result(classroom.step("autograded", Handin("right", "tiny")))["notes"][0]
    assert grade(classroom, [], [], False, None)
    assert by_tests(classroom) == {"right": 6}


def test_two_commands_at_once_do_not_touch_the_same_class(classroom):
    with classroom.alone(), pytest.raises(ClassroomError, match="Another command is at work"):
        release(classroom, [])


def test_after_a_test_was_mended_only_its_points_change(classroom, tmp_path):
    hand_in(classroom, tmp_path / "in", {name: ANSWERS[name] for name in ("right", "positive-only")})
    grade(classroom, [], [], False, None)
    with classroom.gradebook() as gradebook:
        written = gradebook.find_grade("why", "tiny", "tiny", "right")
        written.manual_score, written.needs_manual_grade = 3, False
        gradebook.db.commit()
    # The hidden test was too strict: only numbers above zero were meant.
    tiny.write_course(classroom.course, hidden_double="double(5) === 10")
    release(classroom, [])
    # As if the machine were slow this time: what another test gives now must not matter.
    classroom.config.Limits.cell_seconds = 20
    grade(classroom, [], [], False, None)
    rows = {student: rest for _, student, *rest in scores(classroom)}
    assert rows["positive-only"][0] == 6
    assert rows["right"] == [6, 3, 0, 9, 10, "done"]
    assert not any(
        "as released" in note
        for name in rows
        for note in read_result(classroom.step("autograded", Handin(name, "tiny")))["notes"]
    )


def test_a_new_answer_is_graded_again_and_its_written_part_asked_for_again(classroom, tmp_path):
    hand_in(classroom, tmp_path / "in", {"right": ANSWERS["positive-only"] | {"why": "No idea."}})
    grade(classroom, [], [], False, None)
    with classroom.gradebook() as gradebook:
        written = gradebook.find_grade("why", "tiny", "tiny", "right")
        written.manual_score, written.needs_manual_grade = 1, False
        gradebook.db.commit()
    time.sleep(1.1)  # Hand-ins are told apart by the second.
    hand_in(classroom, tmp_path / "in", {"right": ANSWERS["right"]})
    grade(classroom, [], [], False, None)
    assert scores(classroom)[0][2:] == [6, 1, 0, 7, 10, "by hand next"]


def test_the_export_is_the_gradebook_and_feedback_names_the_points(classroom, tmp_path):
    hand_in(classroom, tmp_path / "in", ANSWERS)
    grade(classroom, [], [], False, None)
    export(classroom, None)
    with (classroom.folder / "grades.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert {row["student"]: float(row["points"]) for row in rows} == BY_TESTS
    feedback(classroom, [], ["positive-only", "right"])
    page = (classroom.step("feedback", Handin("positive-only", "tiny")) / "tiny.html").read_text()
    assert "4.0 / 10.0" in page
    assert "Test cell: test-double</a> (Score: 2.0 / 4.0)" in page
    assert "cdn" not in page
    page = (classroom.step("feedback", Handin("right", "tiny")) / "tiny.html").read_text()
    assert "Written response: why</a> (not graded yet, of 4.0)" in page


def test_the_page_for_grading_by_hand_opens_for_whoever_runs_it(classroom):
    command = elsewhere(classroom, "review")
    try:
        address = next(re.search(r"http://\S+", line).group() for line in command.stdout if "http://" in line)
        # The page itself wants a browser that keeps cookies.
        status = json.load(urllib.request.urlopen(address.replace("/formgrader?", "/api/status?")))
        assert status["kernels"] == 0
    finally:
        for process in [*psutil.Process(command.pid).children(recursive=True), command]:
            process.kill()
        command.wait()


def test_a_course_elsewhere_may_have_settings_of_its_own(tmp_path):
    tiny.write_course(tmp_path / "course")
    (tmp_path / "course" / "nbgrader_config.py").write_text("c = get_config()\nc.Limits.cell_seconds = 7\n")
    classroom = Classroom(tmp_path / "class", tmp_path / "course")
    limits = Limits(config=classroom.config)
    assert (limits.cell_seconds, limits.notebook_seconds) == (7, 180)
    assert "ClearSolutions" in classroom.config


def test_a_result_that_is_no_number_of_points_counts_nothing(tmp_path):
    from classroom.handin import _grade

    for text, points in {"4": 4, "1.5": 1.5, "NaN": 0, "-1": 0, "400": 0, "'4'": 0, "[ 4 ]": 0}.items():
        output = nbformat.v4.new_output("execute_result", {"text/plain": text})
        settings = tiny.settings("t", grade=True, locked=True, points=4)
        notes = []
        assert _grade(nbformat.v4.new_code_cell("", metadata=settings, outputs=[output]), notes) == points
        assert bool(notes) == (points == 0)


def test_every_assignment_of_the_course_has_100_points_and_hidden_tests():
    from classroom.course import COURSE
    from classroom.release import available

    assert available(COURSE) == ["diagnosis", "dictionary", "penalties", "strength", "training"]
    for name in available(COURSE):
        cells = nbformat.read(COURSE / name / f"{name}.ipynb", 4).cells
        graded = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]
        assert sum(cell.metadata.nbgrader.points for cell in graded) == 100
        assert any(cell.metadata.nbgrader.solution for cell in graded)
        for cell in graded:
            assert cell.metadata.nbgrader.schema_version == 3
            assert cell.metadata.nbgrader.solution or "BEGIN HIDDEN TESTS" in cell.source
