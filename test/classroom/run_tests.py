"""Runs the tests of the classroom: as they are where a jail holds, else on a throw-away copy, as root in another user's name.

The hand-ins in them are hostile. Where nothing shuts their code off, it must find no file of the checkout that it could
change, and the copy it runs in is thrown away. Tests that were not run are named, and if that is all of them, the exit code
says so.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent
sys.path.insert(0, str(TESTS.parents[1] / "src"))

from classroom.jail import LINES, ROOT, holds, is_jailed  # noqa: E402 (it needs the path)
from classroom.library import link  # noqa: E402

#: The project's files that the tests need, in addition to its packages.
COPIED = ("package.json", "dist", "teaching", "datasets", "src/classroom", "notebooks/assignments", "test/classroom")

#: `nobody`, on most systems; no user's files are its own.
NOBODY = 65534

#: The exit code if nothing could be checked; pytest uses 0 to 5.
UNCHECKED = 10


def main() -> int:
    """Runs pytest with the arguments given; returns its exit code, or UNCHECKED."""
    for line in LINES:
        if not holds(line):
            print(f"NOT CHECKED: {line}, which does not hold on this machine.")
    if is_jailed():
        return subprocess.run(pytest(TESTS)).returncode
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with tempfile.TemporaryDirectory(prefix="sparselab-throwaway-", ignore_cleanup_errors=True) as folder:
        project = Path(folder).resolve() / "project"
        copy_project(project)
        (project.parent / "tmp").mkdir()
        as_nobody = {}
        if is_root:
            for path in (project.parent, *project.parent.rglob("*")):
                os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
            as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        environment = {**os.environ, "SPARSELAB_THROWAWAY": str(project)}
        environment |= dict.fromkeys(("HOME", "TMPDIR"), str(project.parent / "tmp"))
        environment["PYTHONPYCACHEPREFIX"] = str(project.parent / "tmp")
        try:
            reachable = subprocess.run(
                [sys.executable, "-c", "import nbgrader"], env=environment, cwd=folder, capture_output=True, **as_nobody
            )
        except PermissionError as error:
            return unchecked(f"root cannot run Python as another user ({error})")
        if reachable.returncode != 0:
            return unchecked(f"another user cannot read {ROOT}")
        print(
            "NOT CHECKED: what a jail keeps from student code. None holds here; a copy of the project is used instead."
        )
        return subprocess.run(
            pytest(project / "test" / "classroom"), env=environment, cwd=project, **as_nobody
        ).returncode


def unchecked(reason: str) -> int:
    print(
        f"NOT CHECKED: the classroom. No jail holds here, and {reason}.\n"
        "Run the tests as another user than root, or put the project and Python (SPARSELAB_PYTHON) where all can read them."
    )
    return UNCHECKED


def pytest(folder: Path) -> list[str]:
    """The command; at its end it says what was skipped and why."""
    return [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-rs",
        "--durations=8",
        "-p",
        "no:cacheprovider",
        str(folder),
        *sys.argv[1:],
    ]


def copy_project(project: Path) -> None:
    """The part of the project that the tests use, in a folder that does not exist yet."""
    for name in COPIED:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, project / name)
    (project / "node_modules").mkdir()
    for package in (ROOT / "node_modules").iterdir():
        if package.is_dir() and package.name != "sparselab":
            link(package, project / "node_modules" / package.name)
    link(project, project / "node_modules" / "sparselab")


if __name__ == "__main__":
    sys.exit(main())
