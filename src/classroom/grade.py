"""Grade: every hand-in that is new or changed, several at once, each in a process of its own.

A killed run loses nothing: a hand-in's result appears as a whole folder or not at all, one process alone writes to the
gradebook, in one transaction a hand-in, and writing a result twice gives the same gradebook.
"""

import ctypes
import hashlib
import json
import multiprocessing
import os
import shutil
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.utils import parse_utc

from . import handin as grading
from .course import Classroom, ClassroomError, Handin, write_atomically
from .jail import NONE, ROOT, is_jailed, isolation
from .library import copy_for_students
from .sandbox import Limits
from .table import print_table

#: To be raised when grading changes so that old results no longer stand.
GRADER_VERSION = 4

#: How long a worker may take beyond its notebook's time before it is given up.
GRACE_SECONDS = 90


@dataclass
class Worker:
    job: grading.Job
    process: multiprocessing.process.BaseProcess
    deadline: float


def grade(
    classroom: Classroom,
    assignments: list[str],
    students: list[str],
    force: bool,
    workers: int | None,
    as_root_without_jail: bool = False,
) -> bool:
    """Grades what needs it and prints the table. Returns whether every hand-in was graded.

    @param as_root_without_jail does so even where a hand-in's code can change every file of this machine
    """
    refuse_root_without_jail(as_root_without_jail)
    limits = Limits(config=classroom.config)
    unknown = set(assignments) - set(classroom.released())
    if unknown:
        raise ClassroomError(
            f"{', '.join(sorted(unknown))} has not been released; released: {', '.join(classroom.released()) or 'nothing'}."
        )
    chosen = [
        handin
        for handin in classroom.handins()
        if handin.assignment in (assignments or classroom.released()) and (not students or handin.student in students)
    ]
    if not chosen:
        raise ClassroomError("There is no such hand-in: run npm run class:collect -- <folder of hand-ins> first.")
    with classroom.alone():
        workspace = classroom.folder / ".grading"
        shutil.rmtree(workspace, ignore_errors=True)
        jobs = _jobs(classroom, chosen, workspace, limits)
        todo = [job for job in jobs if force or not _is_current(job)]
        if todo:
            copy_for_students(workspace / "project")
        count = workers or os.cpu_count() or 1
        print(_announcement(len(todo), len(jobs), count))
        with classroom.gradebook() as gradebook:
            for job in jobs:
                if job not in todo:
                    _record(gradebook, job)
            for number, job in enumerate(_run(todo, count), 1):
                result = _record(gradebook, job)
                print(f"  {number:>{len(str(len(todo)))}}/{len(todo)}  {_line(job, result)}", flush=True)
            _print_summary(gradebook, jobs, {job.key for job in todo})
        shutil.rmtree(workspace, ignore_errors=True)
    return all(map(_is_current, jobs))


def refuse_root_without_jail(allowed: bool) -> None:
    """@raises ClassroomError where the code of hand-ins would run as root, and no jail holds it"""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if not is_root or allowed or is_jailed():
        return
    raise ClassroomError(
        "No jail holds the code of hand-ins here, and you are root: it could change or delete any file.\n"
        "Grade as another user; or install bubblewrap; or grade where namespaces or Landlock are permitted (docs/teaching.md).\n"
        "On a machine on which nothing matters: --let-hand-ins-run-as-root."
    )


def checks_version() -> str:
    """A fingerprint of the checks that tests call: when one is fixed, grades change."""
    digest = hashlib.sha256(str(GRADER_VERSION).encode())
    for path in sorted((ROOT / "dist" / "assignments").rglob("*.js")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _jobs(classroom: Classroom, handins: list[Handin], workspace: Path, limits: Limits) -> list[grading.Job]:
    version = checks_version()
    cells = {name: classroom.released_cells(name) for name in {handin.assignment for handin in handins}}
    jobs = []
    for number, handin in enumerate(handins):
        released, kernelspec = cells[handin.assignment]
        submitted = classroom.step("submitted", handin)
        tests = [[cell.name, cell.checksum, cell.points] for cell in released if cell.name]
        content = hashlib.sha256((submitted / f"{handin.assignment}.ipynb").read_bytes()).hexdigest()
        key = hashlib.sha256(json.dumps([content, tests, version]).encode()).hexdigest()
        jobs.append(
            grading.Job(
                folder=classroom.folder,
                student=handin.student,
                assignment=handin.assignment,
                submitted=submitted,
                autograded=classroom.step("autograded", handin),
                workspace=workspace / str(number),
                released=released,
                asked=classroom.asked_names(handin.assignment),
                kernelspec=kernelspec,
                limits=limits,
                key=key,
                checks_version=version,
                files=classroom.folder / "release" / handin.assignment,
                project=workspace / "project",
            )
        )
    return jobs


def _is_current(job: grading.Job) -> bool:
    result = grading.read_result(job.autograded)
    return result is not None and result["key"] == job.key


def _run(jobs: list[grading.Job], count: int):
    """Grades the jobs, `count` at a time; yields each when its result is there."""
    # A forked worker has nbgrader loaded already; where there is no fork it takes two seconds more.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    waiting, running = list(reversed(jobs)), []
    try:
        while waiting or running:
            while waiting and len(running) < count:
                job = waiting.pop()
                process = context.Process(target=_work, args=(job, os.getpid()))
                process.start()
                limits = job.limits
                allowed = (
                    limits.notebook_seconds + limits.start_seconds * (limits.restarts + 1)
                ) * limits.patience + GRACE_SECONDS
                running.append(Worker(job, process, time.monotonic() + allowed))
            running[0].process.join(0.05)
            for worker in [*running]:
                late = time.monotonic() > worker.deadline
                if worker.process.is_alive() and not late:
                    continue
                if late:
                    worker.process.kill()
                worker.process.join()
                if worker.process.exitcode != 0 or grading.read_result(worker.job.autograded) is None:
                    grading.write_failure(worker.job, "The grader's process ended before it was done.")
                running.remove(worker)
                yield worker.job
    finally:
        for worker in running:
            worker.process.terminate()


def _work(job: grading.Job, parent: int) -> None:
    """The life of a worker. It ends with the command that started it, and its kernels end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    if os.getppid() != parent:
        os._exit(1)
    job.workspace.mkdir(parents=True, exist_ok=True)
    grading.grade(job)


def end_with_parent() -> None:
    """On Linux: this process is killed when the one that started it ends."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)


def _record(gradebook: Gradebook, job: grading.Job) -> dict:
    """Updates the gradebook to the result, in one transaction; entries that agree stay untouched."""
    result = grading.read_result(job.autograded)
    mark = job.autograded / "recorded"
    if mark.exists() and mark.read_text(encoding="utf-8") == result["key"] and _has_submission(gradebook, job):
        return result
    gradebook.update_or_create_student(job.student)
    stamp = job.submitted / "timestamp.txt"
    timestamp = parse_utc(stamp.read_text(encoding="utf-8").strip()) if stamp.exists() else None
    gradebook.update_or_create_submission(job.assignment, job.student, timestamp=timestamp)
    submission = gradebook.find_submission_notebook(job.assignment, job.assignment, job.student)
    for grade in submission.grades:
        score = result["grades"].get(grade.name, 0.0)
        answered_anew = grade.name in result.get("changed_answers", [])
        if score != grade.auto_score or answered_anew:
            grade.auto_score = score
            grade.needs_manual_grade = score is None or grade.manual_score is not None
        elif score is None and grade.manual_score is None:
            grade.needs_manual_grade = True
    for comment in submission.comments:
        comment.auto_comment = result["comments"].get(comment.name)
    gradebook.db.commit()
    write_atomically(mark, result["key"])
    return result


def _has_submission(gradebook: Gradebook, job: grading.Job) -> bool:
    try:
        gradebook.find_submission_notebook(job.assignment, job.assignment, job.student)
    except MissingEntry:
        return False
    return True


def _announcement(todo: int, all_jobs: int, count: int) -> str:
    kept = f"; {all_jobs - todo} graded already" if all_jobs > todo else ""
    line = isolation()
    walls = f"each without network and with no files but the library's ({line})"
    if line == "permission":
        walls = "each with no files but the library's, by Node's permissions; network and native code are NOT shut off on this system"
    if line == NONE:
        walls = "each with limits of time and memory; its files and network are NOT shut off on this system"
    return f"{todo} to grade{kept}; {min(count, max(todo, 1))} at a time, {walls}."


def _line(job: grading.Job, result: dict) -> str:
    points = sum(score or 0 for score in result["grades"].values())
    remark = f"   {len(result['notes'])} note{'s' if len(result['notes']) > 1 else ''}" if result["notes"] else ""
    return f"{job.assignment}  {job.student}  {points:g} points, {result['seconds']} s{remark}"


def _print_summary(gradebook: Gradebook, jobs: list[grading.Job], graded_now: set[str]) -> None:
    rows = []
    for job in jobs:
        result = grading.read_result(job.autograded)
        submission = gradebook.find_submission_notebook(job.assignment, job.assignment, job.student)
        state = "by hand next" if submission.needs_manual_grade else "done"
        now = "graded" if job.key in graded_now else "as before"
        rows.append(
            [job.assignment, job.student, submission.score, submission.max_score, now, state, len(result["notes"])]
        )
    print()
    print_table(["assignment", "student", "points", "of", "this time", "state", "notes"], rows)
    noted = [(job, grading.read_result(job.autograded)["notes"]) for job in jobs]
    if any(notes for _, notes in noted):
        print("\nNotes")
    for job, notes in noted:
        for note in notes:
            print(f"  {job.assignment}  {job.student}: {note}")
