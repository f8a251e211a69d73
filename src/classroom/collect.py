"""Collect: from a folder of hand-ins, named as students and learning platforms name them, to `class/submitted`.

The file itself (the names of its cells) says to which assignment it belongs, so renaming it does no harm.
Whose it is comes from where it lies:

    <folder>/<student>/anything.ipynb                       one folder per student (also with a folder per assignment inside)
    <folder>/<student>_<assignment>.ipynb                   flat; the student's name may hold underscores
    <folder>/<student>_assignments_<assignment>.ipynb       the same, as the live course names a download
    <folder>/Ann Lee_4711_assignsubmission_file_/x.ipynb    Moodle: the name and a number; also flat
    <folder>/leeann_4711_88_x.ipynb                         Canvas: the name, the student's number, the file's number

Canvas gives a student one number, which is part of the student's name here. Moodle gives a student another number in each
assignment
(`assign_user_mapping`): there the name alone says who it is, unless two of one name have handed in one assignment.

No student's work is taken for another's: where two would become one, both are skipped, and the table says what to rename.
"""

import codecs
import hashlib
import json
import os
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from .course import Classroom, ClassroomError, Handin, write_atomically
from .table import print_table

LARGEST = 50 * 1024 * 1024
ARCHIVES = (".zip", ".7z", ".rar", ".tgz", ".gz")

#: Names with a number by which a platform tells its students apart: Moodle's within an assignment, Canvas's everywhere.
MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_")
CANVAS = re.compile(r"(?P<name>[^_]+)(?:_LATE)?_(?P<number>\d+)_\d+_")

#: Names that Windows takes for a device, with any ending.
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)

#: A file next to a student's hand-ins: the name as it was written, to tell it from others that become the same folder, and
# Moodle's
#: number by assignment, to know the student when more comes.
OWNER = "owner.json"


@dataclass(frozen=True)
class Owner:
    """Whose a file is."""

    #: The name as it is written where the file lies.
    written: str
    #: The number that Moodle gave to the student in one assignment.
    number: str | None = None

    @property
    def student(self) -> str:
        """The name as a folder's that is safe everywhere: letters with their marks, digits, and - _ . @ inside."""
        # Signs such as the vowels of Hindi and Thai are marks: names without them are other names.
        kept = "".join(sign if re.match(r"[\w.@-]", sign) or _is_mark(sign) else " " for sign in self.written)
        name = re.sub(r" +", "-", kept).strip("-.")
        return f"{name}-student" if RESERVED.fullmatch(name) else name

    @property
    def numbered(self) -> "Owner":
        """The same student where the name alone is two students'."""
        return Owner(f"{self.written} {self.number}", self.number)


def _is_mark(sign: str) -> bool:
    return unicodedata.category(sign).startswith("M")


class Owners:
    """The student of each file, from the files next to it and the earlier collections."""

    def __init__(self, classroom: Classroom, folder: Path, found: list[Path], assignments: dict[Path, str | None]):
        self._owners = {path: _owner_of(folder, path, classroom.released()) for path in found}
        self._assignments = assignments
        #: By assignment and number, those who have handed in before.
        self._known: dict[tuple[str, str], Owner] = {}
        for mark in (classroom.folder / "submitted").glob(f"*/{OWNER}"):
            record = json.loads(mark.read_text(encoding="utf-8"))
            for assignment, number in record["numbers"].items():
                self._known[assignment, number] = Owner(record["name"], number)
        numbers: dict[tuple[str | None, str], set[str]] = defaultdict(set)
        for path, owner in self._owners.items():
            if owner is not None and owner.number is not None:
                numbers[assignments[path], owner.written].add(owner.number)
        for (assignment, number), owner in self._known.items():
            numbers[assignment, owner.written.removesuffix(f" {number}")].add(number)
        #: Names that had several of Moodle's numbers in one assignment, now or before: several students'.
        self.shared = sorted({name for (_, name), several in numbers.items() if len(several) > 1})

    def __getitem__(self, path: Path) -> Owner | None:
        owner, assignment = self._owners[path], self._assignments[path]
        if owner is None or owner.number is None or assignment is None:
            return owner
        known = self._known.get((assignment, owner.number))
        if known is not None and known.student in (owner.student, owner.numbered.student):
            return known
        return owner.numbered if owner.written in self.shared else owner


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
        reasons = {path: _reason_to_leave(folder, path) for path in found}
        assignments = {
            path: None if reasons[path] else assignment or _assignment_of(path, cell_names) for path in found
        }
        owners = Owners(classroom, folder, found, assignments)
        unclear = _unclear(folder, owners, assignments)
        seen: dict[Handin, Path] = {}
        for path in found:
            outcome = (
                [None, None, reasons[path]]
                if reasons[path]
                else unclear.get(path) or _take(classroom, folder, path, assignments[path], owners[path], seen)
            )
            rows.append([_letters(str(path.relative_to(folder))), *outcome])
    print_table(["file", "student", "assignment", "what was done"], sorted(rows, key=lambda row: str(row[0])))
    for name in owners.shared:
        print(
            f"There are several students with the name {name}, and Moodle gives each another number in each assignment. To keep\n"
            f'each of them one student in the gradebook, change the names of their folders before you collect ("{name} A_…").'
        )


def _newest_first(folder: Path) -> list[Path]:
    return sorted(_notebooks(folder), key=lambda path: (-path.lstat().st_mtime, str(path)))


def _unclear(folder: Path, owners: Owners, assignments: dict[Path, str | None]) -> dict[Path, list[str | None]]:
    """Hand-ins that are skipped because two students would become one: for each file, the student, the assignment and what to
    do."""
    files: dict[Handin, dict[Path, Owner]] = defaultdict(dict)
    for path, assignment in assignments.items():
        owner = owners[path]
        if owner is not None and assignment is not None:
            files[Handin(owner.student, assignment)][path] = owner
    unclear: dict[Path, list[str | None]] = {}
    for handin, paths in files.items():
        names = sorted({owner.written for owner in paths.values()})
        if len(names) > 1:
            told_apart = " and ".join(map(repr, names))
            advice = f"skipped: {told_apart} would become one student; rename one of them, then collect again"
            unclear |= {path: [handin.student, handin.assignment, advice] for path in paths}
            continue
        for path in paths:
            # A backup inside the student's folder is the student's; folders side by side may be two students'.
            if any(not _is_inside(path, other) and not _is_inside(other, path) for other in paths):
                inner, *others = {folder / each.relative_to(folder).parts[0] for each in paths}
                # Letters with marks can be written in two ways, which look alike.
                remedy = "rename all but one" if others else f'collect "{_letters(str(inner))}"'
                advice = f"skipped: one of several; if they are of several students, {remedy}; else remove all but one"
                unclear[path] = [handin.student, handin.assignment, advice]
    return unclear


def _is_inside(path: Path, other: Path) -> bool:
    return path.parent.is_relative_to(other.parent)


def _notebooks(folder: Path) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        # Skipped files have a row as well: links, also those to folders, and archives.
        if path.is_symlink() or (path.is_file() and _is_of_interest(path))
    ]


def _is_of_interest(path: Path) -> bool:
    # Next to each file a zip from macOS has another, `._x.ipynb`, which is not a notebook.
    if path.name.startswith("._") or not {".ipynb_checkpoints", "__MACOSX"}.isdisjoint(path.parts):
        return False
    # Browsers save `x.ipynb.txt` and `x.ipynb.json`.
    return ".ipynb" in path.name.lower() or path.suffix.lower() in ARCHIVES


def _take(
    classroom: Classroom,
    folder: Path,
    path: Path,
    assignment: str | None,
    owner: Owner | None,
    seen: dict[Handin, Path],
) -> list[str | None]:
    """Takes in one file; returns the student, the assignment and the action. `seen` are those of this time, newest first."""
    content = path.read_bytes()
    student = owner and owner.student
    released = classroom.released()
    if assignment not in released:
        return [student, assignment, f"skipped: not recognised; say which with --assignment ({', '.join(released)})"]
    if owner is None:
        return [None, assignment, "skipped: put it into a folder with the student's name, in letters or digits"]
    handin = Handin(owner.student, assignment)
    newer = seen.setdefault(handin, path)
    if newer is not path:
        return [student, assignment, f"skipped: {_letters(str(newer.relative_to(folder)))} is newer"]
    mark = classroom.folder / "submitted" / owner.student / OWNER
    record = {"name": owner.written, "numbers": {}}
    if mark.exists():
        record = json.loads(mark.read_text(encoding="utf-8"))
    if record["name"] != owner.written:
        advice = (
            f"skipped: {owner.written!r} would become one student with {record['name']!r}, who has handed in before"
        )
        return [student, assignment, f"{advice}; rename it, then collect again"]
    target = classroom.step("submitted", handin)
    file = target / f"{assignment}.ipynb"
    stamp = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)
    if file.exists():
        if hashlib.sha256(file.read_bytes()).digest() == hashlib.sha256(content).digest():
            return [student, assignment, "the same as before"]
        if stamp < _stamp_of(target):
            return [student, assignment, "skipped: older than the present file"]
    outcome = "replaced by a newer one" if file.exists() else "taken"
    target.mkdir(parents=True, exist_ok=True)
    if owner.number is not None:
        record["numbers"][assignment] = owner.number
    write_atomically(mark, json.dumps(record, ensure_ascii=False))
    # The time first: a command that is killed before the file is written takes it the next time, as it is not older.
    write_atomically(target / "timestamp.txt", stamp.strftime("%Y-%m-%d %H:%M:%S UTC"))
    write_atomically(file, content)
    return [student, assignment, outcome]


def _reason_to_leave(folder: Path, path: Path) -> str | None:
    """Why a file is skipped."""
    if path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()):
        return "skipped: it is a link"
    if path.suffix.lower() in ARCHIVES:
        return "skipped: unpack it first"
    if path.stat().st_size > LARGEST:
        return f"skipped: larger than {LARGEST // 2**20} MB"
    try:
        path.open("rb").close()
    except OSError as error:
        return f"skipped: it cannot be read ({error.strerror})"
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
    number = None
    if moodle := MOODLE.match(name):
        written, number = moodle["name"], moodle["number"]
    elif len(parts) > 1:
        written = name
    elif canvas := CANVAS.match(name):
        written = f"{canvas['name']} {canvas['number']}"
    else:
        # The student's name comes before the assignment's, where that is there, and before the folder that the live
        # course has assignments in: its downloads are called `assignments_penalties.ipynb`.
        words = [*assignments, "assignments"]
        ends = [re.search(rf"(?:^|[ _-]+){re.escape(word)}(?![^\W\d_])", name, re.IGNORECASE) for word in words]
        written = name[: min((end.start() for end in ends if end), default=len(name))]
    owner = Owner(written, number)
    return owner if owner.student else None


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
