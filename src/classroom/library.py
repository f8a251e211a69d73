"""The library for a kernel: as it is, or a copy for students' code without the definitions that answers are compared with."""

import os
import shutil
import sys
from pathlib import Path

from .jail import ROOT


def copy_for_students(project: Path) -> Path:
    """Makes a project in a folder that does not exist yet: a copy of the library, the packages and data of the real one.

    The definitions of the assignments' answers are empty in it, and no process that knows them uses its files.
    """
    project.mkdir(parents=True)
    shutil.copy(ROOT / "package.json", project)
    shutil.copytree(ROOT / "teaching", project / "teaching")
    shutil.copytree(ROOT / "dist", project / "dist", ignore=shutil.ignore_patterns("*.map"))
    definitions = project / "dist" / "assignments" / "definitions"
    withheld = (definitions / "withheld.js").read_bytes()
    for file in definitions.glob("*.js"):
        file.write_bytes(withheld)
    link(ROOT / "datasets", project / "datasets")
    (project / "node_modules").mkdir()
    for package in (ROOT / "node_modules").iterdir():
        if package.is_dir() and package.name != "sparselab":
            # Not a link to a link: Node's permissions do not find the middle one.
            link(package.resolve(), project / "node_modules" / package.name)
    # The library is a package, too: it finds itself, here.
    link(project, project / "node_modules" / "sparselab")
    return project


def parts(project: Path) -> list[Path]:
    """The files and folders that a kernel of this project uses."""
    names = ("package.json", "dist", "teaching", "datasets", "node_modules")
    # Native TensorFlow lies where set-up keeps it, and is linked from there.
    tensorflow = ROOT / "node_modules" / "@tensorflow" / "tfjs-node"
    linked = [tensorflow / name for name in ("deps", "lib")]
    return [
        *(project / name for name in names),
        *(ROOT / name for name in ("datasets", "node_modules") if project != ROOT),
        *(Path(os.path.realpath(path)) for path in linked if path.is_symlink() and path.exists()),
    ]


def link(target: Path, path: Path) -> None:
    """Makes a folder appear at another path as well."""
    if sys.platform == "win32":
        # A link of a kind that needs no privilege.
        import _winapi

        _winapi.CreateJunction(str(target), str(path))
    else:
        path.symlink_to(target, target_is_directory=True)
