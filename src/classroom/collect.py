"""Collect: from a folder of hand-ins, named as students and learning platforms name them, to `class/submitted`.

Which assignment a file belongs to is read in the file itself (the names of its cells), so a renamed file is no trouble.
Whose it is comes from where it lies:

    <folder>/<student>/anything.ipynb                       one folder per student (also with a folder per assignment inside)
    <folder>/<student>_<assignment>.ipynb                   flat; the student's name may hold underscores
    <folder>/Ann Lee_4711_assignsubmission_file_/x.ipynb    Moodle: the name and a number; also flat
    <folder>/leeann_4711_88_x.ipynb                         Canvas: the name, the student's number, the file's number

Nobody's work is taken for somebody else's: where two would become one, both are left and the table says what to rename.
"""

import codecs
import hashlib
import os
import re
import shutil
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from .course import Classroom, ClassroomError, Handin, write_atomically
from .table import print_table

LARGEST = 50 * 1024 * 1024
ARCHIVES = (".zip", ".7z", ".rar", ".tgz", ".gz")

#: Names with a number by which a platform tells its students apart.
MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_")
CANVAS = re.compile(r"(?P<name>[^_]+)(?:_LATE)?_(?P<number>\d+)_\d+_")

#: Beside a student's hand-ins: the name as it was written, to tell it from others that become the same folder.
OWNER = "name.txt"


@dataclass(frozen=True)
class Owner:
    """Whose a file is."""

    #: The name as it is written where the file lies.
    written: str
    #: The same as a folder's name that is safe everywhere: letters, digits, and - _ . @ inside.
    student: str


def collect(classroom: Classroom, folder: Path, assignment: str | None) -> None:
    """Takes in every notebook of a folder; of two for one assignment by one student the newer one."""
    if not folder.is_dir():
        raise ClassroomError(f"{folder} is not a folder of hand-ins.")
    released = classroom.released()
    if not released:
        raise ClassroomError("Nothing has been released yet: run npm run class:release first.")
    cell_names = {name: {cell.name for cell in classroom.released_cells(name)[0] if cell.name} for name in released}
    rows = []
    with classroom.alone():
        found = _newest_first(folder)
        unclear = _unclear(folder, found, cell_names, assignment)
        seen: dict[Handin, Path] = {}
        for path in found:
            outcome = unclear.get(path) or _take(classroom, folder, path, cell_names, assignment, seen)
            rows.append([_letters(str(path.relative_to(folder))), *outcome])
    print_table(["file", "student", "assignment", "what was done"], sorted(rows, key=lambda row: str(row[0])))


def _newest_first(folder: Path) -> list[Path]:
    return sorted(_notebooks(folder), key=lambda path: (-path.lstat().st_mtime, str(path)))


def _unclear(
    folder: Path, found: list[Path], cell_names: dict[str, set[str]], told: str | None
) -> dict[Path, list[str | None]]:
    """What is left because two students would become one: by file, the student, the assignment and what to do."""
    files: dict[Handin, dict[Path, Owner]] = defaultdict(dict)
    for path in found:
        owner = _owner_of(folder, path, list(cell_names))
        assignment = None if _reason_to_leave(folder, path) else told or _assignment_of(path, cell_names)
        if owner is not None and assignment is not None:
            files[Handin(owner.student, assignment)][path] = owner
    unclear: dict[Path, list[str | None]] = {}
    for handin, owners in files.items():
        names = sorted({owner.written for owner in owners.values()})
        if len(names) > 1:
            told_apart = " and ".join(map(repr, names))
            advice = f"left: {told_apart} would become one student; rename one of them, then collect again"
            unclear |= {path: [handin.student, handin.assignment, advice] for path in owners}
            continue
        for path in owners:
            # A backup inside of the student's folder is the student's; folders side by side may be two students'.
            if any(not _is_inside(path, other) and not _is_inside(other, path) for other in owners):
                inner = folder / path.relative_to(folder).parts[0]
                advice = f'left: one of several; if they are of several students, collect "{_letters(str(inner))}"; else remove all but one'
                unclear[path] = [handin.student, handin.assignment, advice]
    return unclear


def _is_inside(path: Path, other: Path) -> bool:
    return path.parent.is_relative_to(other.parent)


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
    reason = _reason_to_leave(folder, path)
    if reason is not None:
        return [None, None, reason]
    content = path.read_bytes()
    assignment = told or _assignment_of(path, cell_names)
    owner = _owner_of(folder, path, list(cell_names))
    student = owner and owner.student
    if assignment is None or assignment not in cell_names:
        return [student, assignment, f"left: not recognised; say which with --assignment ({', '.join(cell_names)})"]
    if owner is None:
        return [None, assignment, "left: put it into a folder with the student's name"]
    handin = Handin(owner.student, assignment)
    newer = seen.setdefault(handin, path)
    if newer is not path:
        return [student, assignment, f"left: {_letters(str(newer.relative_to(folder)))} is newer"]
    mark = classroom.folder / "submitted" / owner.student / OWNER
    known = mark.read_text(encoding="utf-8") if mark.exists() else owner.written
    if known != owner.written:
        advice = f"left: {owner.written!r} would become one student with {known!r}, who has handed in before"
        return [student, assignment, f"{advice}; rename it, then collect again"]
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
    (draft / "timestamp.txt").write_text(stamp.strftime("%Y-%m-%d %H:%M:%S UTC"), encoding="utf-8")
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(mark, owner.written)
    shutil.rmtree(target, ignore_errors=True)
    draft.rename(target)
    return [student, assignment, outcome]


def _reason_to_leave(folder: Path, path: Path) -> str | None:
    """Why a file is none to look at."""
    if path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()):
        return "left: it is a link"
    if path.suffix.lower() in ARCHIVES:
        return "left: unpack it first"
    if path.stat().st_size > LARGEST:
        return f"left: larger than {LARGEST // 2**20} MB"
    try:
        path.open("rb").close()
    except OSError as error:
        return f"left: it cannot be read ({error.strerror})"
    return None


def _assignment_of(path: Path, cell_names: dict[str, set[str]]) -> str | None:
    """By the names of its cells, found as text so that a broken file is recognised too; else by its path."""
    found = set(re.findall(r'"grade_id"\s*:\s*"([^"]+)"', _text(path.read_bytes())))
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


def _owner_of(folder: Path, path: Path, assignments: list[str]) -> Owner | None:
    parts = path.relative_to(folder).parts
    name = _letters(parts[0] if len(parts) > 1 else path.name.split(".ipynb")[0])
    numbered = MOODLE.match(name) or (CANVAS.match(name) if len(parts) == 1 else None)
    if numbered:
        written = f"{numbered['name']} {numbered['number']}"
    elif len(parts) > 1:
        written = name
    else:
        # The student's name stands before the assignment's, where that is there.
        ends = [re.search(rf"(?:^|[ _-]+){re.escape(word)}(?![^\W\d_])", name, re.IGNORECASE) for word in assignments]
        written = name[: min((end.start() for end in ends if end), default=len(name))]
    student = re.sub(r"[^\w.@-]+", "-", written).strip("-.")
    return Owner(written, student) if student else None


def _letters(name: str) -> str:
    """A file's name as it was meant: macOS writes ö as o and two dots, and old archives hold other letters than UTF-8."""
    raw = os.fsencode(name)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    return unicodedata.normalize("NFC", text)


def _stamp_of(folder: Path) -> datetime:
    text = (folder / "timestamp.txt").read_text(encoding="utf-8").removesuffix(" UTC")
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc)
