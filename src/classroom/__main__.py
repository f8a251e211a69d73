"""The commands: `python -m classroom release | collect | grade | review | feedback | export | demo`. npm runs them as class:…"""

import argparse
import sys
import warnings
from pathlib import Path

if sys.version_info < (3, 11):
    sys.exit(
        "The classroom needs Python 3.11 or newer, as nbgrader does. Set SPARSELAB_PYTHON to one, then run the same command again."
    )

from sqlalchemy.exc import SAWarning

from .collect import collect
from .course import COURSE, Classroom, ClassroomError
from .demo import demo
from .grade import grade
from .jail import ROOT
from .release import release
from .report import export, feedback, review


def main() -> int:
    """Runs one command; returns the exit code."""
    # nbgrader's own way with its database, nothing that a teacher could change.
    warnings.simplefilter("ignore", SAWarning)
    # Letters that the terminal's encoding does not have are written as their numbers: no name is lost, and nothing ends.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")
    arguments = _parser().parse_args()
    try:
        if arguments.command == "demo":
            return demo(arguments.workers, arguments.let_hand_ins_run_as_root)
        classroom = Classroom(arguments.class_folder, arguments.course)
        match arguments.command:
            case "release":
                release(classroom, arguments.assignments)
            case "collect":
                collect(classroom, arguments.folder, arguments.assignment)
            case "grade":
                complete = grade(
                    classroom,
                    arguments.assignments,
                    arguments.student,
                    arguments.force,
                    arguments.workers,
                    arguments.let_hand_ins_run_as_root,
                )
                return 0 if complete else 1
            case "review":
                return review(classroom)
            case "feedback":
                feedback(classroom, arguments.assignments, arguments.student)
            case "export":
                export(classroom, arguments.file)
    except ClassroomError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The hand-ins graded so far stay graded; run the same command to continue.", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="class", description="Assignments: hand out, collect, grade, give back.")
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, help: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help, description=help)
        sub.add_argument(
            "--class",
            dest="class_folder",
            type=Path,
            default=ROOT / "class",
            help="the class's folder; default: class/",
        )
        sub.add_argument(
            "--course",
            type=Path,
            default=COURSE,
            help="the folder of source assignments; default: notebooks/assignments",
        )
        return sub

    def selection(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("assignments", nargs="*", help="default: all")
        sub.add_argument("--student", action="append", default=[], help="only this one; may be given again")

    def running(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--workers", type=int, help="hand-ins at a time; default: the number of cores")
        sub.add_argument(
            "--let-hand-ins-run-as-root",
            action="store_true",
            help="run their code as root where nothing shuts it off: it can then change every file of this machine",
        )

    command("release", "make the notebooks that students get").add_argument(
        "assignments", nargs="*", help="default: all"
    )
    sub = command("collect", "take in a folder of hand-ins")
    sub.add_argument("folder", type=Path)
    sub.add_argument("--assignment", help="what the files are, where they do not say so themselves")
    sub = command("grade", "run the tests of new or changed hand-ins")
    selection(sub)
    sub.add_argument("--force", action="store_true", help="grade everything again")
    running(sub)
    command("review", "grade written answers in the browser")
    selection(command("feedback", "write a page for each hand-in"))
    command("export", "write the gradebook as CSV").add_argument("file", type=Path, nargs="?")
    sub = command("demo", "play a class of ten from release to feedback")
    running(sub)
    return parser


if __name__ == "__main__":
    sys.exit(main())
