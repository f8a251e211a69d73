"""Collect: from a folder of hand-ins, named as students and learning platforms name them, to `class/submitted`.

Which assignment a file belongs to is read in the file itself (the names of its cells), so a renamed file is no trouble.
Whose it is comes from where it lies:

    <folder>/<student>/anything.ipynb                  one folder a student (also with a folder an assignment inside)
    <folder>/<student>_<anything>.ipynb                flat, as `alice_penalties.ipynb` or Moodle's `Ann Lee_4711_…`
"""

import codecs
import hashlib
import re
import shutil
import unicodedata
from datetime import datetime, timezone
from pathlib import Path

from .course import Classroom, ClassroomError, Handin
from .table import print_table

LARGEST = 50 * 1024 * 1024
ARCHIVES = (".zip", ".7z", ".rar", ".tgz", ".gz")


def collect(classroom: Classroom, folder: Path, assignment: str | None) -> None:
    """Takes in every notebook of a folder; of two for one assignment by one student the newer one."""
    if not folder.is_dir():
        raise ClassroomError(f"{folder} is not a folder of hand-ins.")
    released = classroom.released()
    if not released:
        raise ClassroomError("Nothing has been released yet: run npm run class:release first.")
    cell_names = {name: {cell.name for cell in classroom.released_cells(name)[0]} for name in released}
    rows = []
    seen: dict[Handin, Path] = {}
    with classroom.alone():
        for path in sorted(_notebooks(folder), key=lambda path: -path.lstat().st_mtime):
            rows.append([path.relative_to(folder), *_take(classroom, folder, path, cell_names, assignment, seen)])
    print_table(["file", "student", "assignment", "what was done"], sorted(rows, key=lambda row: str(row[0])))


def _notebooks(folder: Path) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        # What is left has a row as well: links, also those to folders, and archives.
        if path.is_symlink() or (path.is_file() and _is_of_interest(path))
    ]


def _is_of_interest(path: Path) -> bool:
    # Beside each file a zip from macOS has another, `._x.ipynb`, which is none.
    if path.name.startswith("._") or not {".ipynb_checkpoints", "__MACOSX"}.isdisjoint(path.parts):
        return False
    # Browsers save `x.ipynb.txt` and `x.ipynb.json`.
    return ".ipynb" in path.name.lower() or path.suffix.lower() in ARCHIVES


def _take(
    classroom: Classroom,
    folder: Path,
    path: Path,
    cell_names: dict[str, set[str]],
    told: str | None,
    seen: dict[Handin, Path],
) -> list[str | None]:
    """Takes in one file; returns student, assignment and what was done. `seen` are those of this time, newest first."""
    if path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()):
        return [None, None, "left: it is a link"]
    if path.suffix.lower() in ARCHIVES:
        return [None, None, "left: unpack it first"]
    if path.stat().st_size > LARGEST:
        return [None, None, f"left: larger than {LARGEST // 2**20} MB"]
    try:
        content = path.read_bytes()
    except OSError as error:
        return [None, None, f"left: it cannot be read ({error.strerror})"]
    assignment = told or _assignment_of(content, path, cell_names)
    student = _student_of(folder, path, list(cell_names))
    if assignment is None or assignment not in cell_names:
        return [student, assignment, f"left: not recognised; say which with --assignment ({', '.join(cell_names)})"]
    if student is None:
        return [None, assignment, "left: put it into a folder with the student's name"]
    handin = Handin(student, assignment)
    newer = seen.setdefault(handin, path)
    if newer is not path and newer.parent != path.parent:
        return [
            student,
            assignment,
            f"left: {newer.relative_to(folder)} is newer; if that is another student's, collect {path.parts[-3]}/ by itself",
        ]
    if newer is not path:
        return [student, assignment, f"left: {newer.name} is newer"]
    target = classroom.step("submitted", handin)
    file = target / f"{assignment}.ipynb"
    stamp = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)
    if file.exists():
        if hashlib.sha256(file.read_bytes()).digest() == hashlib.sha256(content).digest():
            return [student, assignment, "the same as before"]
        if stamp < _stamp_of(target):
            return [student, assignment, "left: older than what is there"]
    outcome = "replaced by a newer one" if file.exists() else "taken"
    draft = classroom.folder / "submitted" / ".draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    (draft / file.name).write_bytes(content)
    (draft / "timestamp.txt").write_text(stamp.strftime("%Y-%m-%d %H:%M:%S UTC"))
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    draft.rename(target)
    return [student, assignment, outcome]


def _assignment_of(content: bytes, path: Path, cell_names: dict[str, set[str]]) -> str | None:
    """By the names of its cells, found as text so that a broken file is recognised too; else by its path."""
    found = set(re.findall(r'"grade_id"\s*:\s*"([^"]+)"', _text(content)))
    votes = {name: len(found & cells) for name, cells in cell_names.items()}
    best = max(votes, key=lambda name: votes[name])
    if votes[best] > 0:
        return best
    named = [name for name in cell_names if any(name.lower() in part.lower() for part in path.parts[-2:])]
    return named[0] if len(named) == 1 else None


def _text(content: bytes) -> str:
    # PowerShell writes UTF-16.
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if is_wide else "utf-8", "replace")


def _student_of(folder: Path, path: Path, assignments: list[str]) -> str | None:
    """A name that is safe as a folder's: letters, digits, and - _ . @ inside."""
    parts = path.relative_to(folder).parts
    if len(parts) > 1:
        name = parts[0].split("_")[0] if "assignsubmission" in parts[0] else parts[0]
    else:
        name = path.stem
        for assignment in assignments:
            name = re.sub(rf"[ _-]*{re.escape(assignment)}.*$", "", name, flags=re.IGNORECASE)
        name = name.split("_")[0]
    # macOS writes ö as o and two dots: the same student has one name, wherever the file was packed.
    return re.sub(r"[^\w.@-]+", "-", unicodedata.normalize("NFC", name)).strip("-.") or None


def _stamp_of(folder: Path) -> datetime:
    text = (folder / "timestamp.txt").read_text().removesuffix(" UTC")
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc)
