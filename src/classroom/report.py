"""Feedback for students, and the gradebook as a table."""

import csv
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nbgrader.converters import GenerateFeedback

from .course import CLASS_PATH, SETTINGS, Classroom, ClassroomError, Handin, run_nbgrader
from .formulas import set_formulas
from .page import make_readable
from .sandbox import free_port, is_open
from .table import print_table

#: The label of a hand-in with ungraded written answers.
BY_HAND = "by hand next"


def feedback(classroom: Classroom, assignments: list[str], students: list[str]) -> None:
    """Writes a page a hand-in to `class/feedback/<student>/<assignment>/`: points, outputs, comments."""
    rows = []
    with classroom.alone():
        for handin in classroom.handins("autograded"):
            if (assignments and handin.assignment not in assignments) or (students and handin.student not in students):
                continue
            converter = GenerateFeedback(
                coursedir=classroom.course_directory(handin.assignment, handin.student), config=classroom.config
            )
            converter.force = True
            try:
                run_nbgrader(converter, "could not write the page")
            except ClassroomError as error:
                # The others want their feedback all the same.
                rows.append([handin.assignment, handin.student, "failed", str(error).splitlines()[-1].strip()])
                continue
            page = classroom.step("feedback", handin) / f"{handin.assignment}.html"
            text = make_readable(page.read_text(encoding="utf-8"), _ungraded(classroom, handin))
            page.write_text(set_formulas(text), encoding="utf-8")
            rows.append([handin.assignment, handin.student, _state(classroom, handin), page])
    if not rows:
        raise ClassroomError("Nothing has been graded yet: run npm run class:grade first.")
    print_table(["assignment", "student", "state", "page"], rows)
    if any(state == BY_HAND for _, _, state, _ in rows):
        print(
            f"\n“{BY_HAND}”: written answers show 0 points until you have graded them (docs/teaching.md says how); then run this again."
        )


def review(classroom: Classroom) -> int:
    """Opens nbgrader's own page for grading by hand, until Ctrl-C; returns its exit code."""
    if not (classroom.folder / "gradebook.db").exists():
        raise ClassroomError("There is no gradebook yet: run npm run class:grade first.")
    classroom.write_settings()
    folder, port, token = classroom.path, free_port(), secrets.token_hex(16)
    options = [f"--ServerApp.root_dir={folder}", "--ServerApp.default_url=/formgrader", f"--ServerApp.port={port}"]
    # By default Jupyter refuses to run as root, but in a container there is often no other user.
    if hasattr(os, "getuid") and os.getuid() == 0:
        options.append("--allow-root")
    environment = {**os.environ, "JUPYTER_TOKEN": token, CLASS_PATH: str(folder)}
    with tempfile.TemporaryDirectory(prefix="sparselab-") as place:
        # The server reads its settings from the folder where it starts, but not if that folder's path holds a $.
        shutil.copy(classroom.folder / SETTINGS, place)
        server = subprocess.Popen([sys.executable, "-m", "jupyter", "server", *options], cwd=place, env=environment)
        try:
            while server.poll() is None and not is_open(port):
                time.sleep(0.1)
            if server.poll() is None:
                address = f"http://127.0.0.1:{port}/formgrader?token={token}"
                print(f"Grading by hand: {address}\nCtrl-C ends it.", flush=True)
            return server.wait()
        finally:
            server.kill()
            server.wait()


def export(classroom: Classroom, file: Path | None) -> None:
    """Writes the gradebook as CSV, one row per student and assignment, and prints it as a table."""
    columns = ["assignment", "student", "by tests", "by hand", "late penalty", "points", "of", "state"]
    rows = scores(classroom)
    if not rows:
        raise ClassroomError("The gradebook is empty: run npm run class:grade first.")
    target = file or classroom.folder / "grades.csv"
    draft = target.with_name(f".{target.name}.draft")
    with draft.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows(rows)
    draft.replace(target)
    print_table(columns, rows)
    print(f"\nWritten to {target}")


def scores(classroom: Classroom) -> list[list]:
    """The gradebook's rows: what each student got for each assignment."""
    rows = []
    with classroom.gradebook() as gradebook:
        for assignment in sorted(gradebook.assignments, key=lambda a: a.name):
            for submission in sorted(assignment.submissions, key=lambda s: s.student.id):
                graded = [grade for notebook in submission.notebooks for grade in notebook.grades]
                by_hand = sum(grade.manual_score or 0 for grade in graded) + sum(
                    grade.extra_credit or 0 for grade in graded
                )
                penalty = submission.late_submission_penalty or 0.0
                points = submission.score - penalty
                rows.append(
                    [
                        assignment.name,
                        _plain(submission.student.id),
                        float(submission.score - by_hand),
                        float(by_hand),
                        float(penalty),
                        float(points),
                        float(submission.max_score),
                        BY_HAND if submission.needs_manual_grade else "done",
                    ]
                )
    return rows


def _state(classroom: Classroom, handin: Handin) -> str:
    with classroom.gradebook() as gradebook:
        return BY_HAND if gradebook.find_submission(handin.assignment, handin.student).needs_manual_grade else "done"


def _ungraded(classroom: Classroom, handin: Handin) -> set[str]:
    """The names of the cells that a person has still to give points."""
    with classroom.gradebook() as gradebook:
        notebooks = gradebook.find_submission(handin.assignment, handin.student).notebooks
        return {grade.name for notebook in notebooks for grade in notebook.grades if grade.needs_manual_grade}


def _plain(text: str) -> str:
    """A spreadsheet takes a cell that begins so for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
