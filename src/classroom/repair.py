"""Makes a hand-in gradable: the notebook as it was released, with the student's answers copied in.

nbgrader trusts the metadata of the cells that come back. Here nothing is trusted but the text of answers. The graded notebook
is built from the release, cell by cell: so no cell of it can be missing, moved, doubled or changed. An answer is found by its
cell's name or, where that is lost, by its declarations, its text and its place. Other cells of the student follow the cell
after which they stood.
"""

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass

import nbformat
from nbformat.notebooknode import NotebookNode

from .reading import Unreadable, cells_of, kernel_name, read_notebook, without_html

#: A name that code declares at the beginning of a line.
DECLARED = re.compile(
    r"^(?:export\s+)?(?:async\s+)?(?:function\*?|class|const|let|var)\s+([A-Za-z_$][\w$]*)", re.MULTILINE
)
#: Parts of code whose brackets have no meaning.
QUOTED = re.compile(r"//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|`(?:\\.|[^`\\])*`", re.DOTALL)
COMMENTS = re.compile(r"\s*(?:(?://[^\n]*|/\*.*?\*/)\s*)+", re.DOTALL)


@dataclass(frozen=True)
class ReleasedCell:
    """A cell of an assignment as the gradebook knows it, hidden tests included; a cell without a name is the teacher's text."""

    name: str
    cell_type: str
    source: str
    checksum: str
    locked: bool
    solution: bool
    points: float | None
    #: Fingerprints of the students' versions, without the hidden tests; one for each release.
    handed_out: frozenset[str] = frozenset()

    @property
    def is_written(self) -> bool:
        """Whether it is an answer that people read."""
        return self.solution and self.cell_type != "code"

    @property
    def metadata(self) -> dict:
        return {
            "schema_version": 3,
            "grade_id": self.name,
            "grade": self.points is not None,
            "solution": self.solution,
            "locked": self.locked,
            "task": False,
            "checksum": self.checksum,
            "cell_type": self.cell_type,
            **({} if self.points is None else {"points": self.points}),
        }

    def new_cell(self, source: str | None = None) -> NotebookNode:
        """The cell as released, or with another text."""
        metadata = {"nbgrader": self.metadata, "deletable": False} if self.name else {}
        # Always the same id, so that grading the same hand-in twice gives the same notebook.
        return _cell(self.cell_type, self.source if source is None else source, self.name or self.source, metadata)


@dataclass(frozen=True)
class Repaired:
    notebook: NotebookNode
    notes: list[str]


def repair(data: bytes, released: list[ReleasedCell], kernelspec: dict) -> Repaired:
    """The hand-in as a notebook with every released cell, once, in its place; and the repairs that this needed."""
    notes: list[str] = []
    try:
        submitted = read_notebook(data, notes)
    except Unreadable as error:
        note = f"The file is not a notebook that can be read ({error}); it was graded as an empty one."
        return Repaired(_notebook([cell.new_cell() for cell in released], kernelspec), [note])
    kernel = kernel_name(submitted)
    if kernel != kernelspec.get("name"):
        notes.append(f"The notebook named the kernel {kernel!r}; it was graded with {kernelspec.get('name')!r}.")
    return Repaired(_notebook(_Repair(cells_of(submitted), released, notes).cells(), kernelspec), notes)


def fingerprint(source: str) -> str:
    """Tells texts of cells apart; editors differ in line ends and in blanks around the text."""
    return hashlib.sha256("\n".join(source.split()).encode()).hexdigest()[:16]


class _Repair:
    """One hand-in. A slot is the place of a released cell; its parts are the cells of the hand-in that belong there."""

    def __init__(self, cells: list[tuple[NotebookNode, str | None]], released: list[ReleasedCell], notes: list[str]):
        self.submitted = [cell for cell, _ in cells]
        self.released = released
        self.notes = notes
        #: Every text that is not the student's.
        self.given = frozenset[str]().union(*(cell.handed_out for cell in released))
        #: For each slot the positions of its parts, in order.
        self.parts: dict[int, list[int]] = defaultdict(list)
        self.slot_of: dict[int, int] = {}
        slots = {cell.name: slot for slot, cell in enumerate(released) if cell.name}
        for position, (_, name) in enumerate(cells):
            if name in slots:
                self._give(position, slots[name])
        named = sum(1 for slot in self.parts if released[slot].name)
        self._find_by_text()
        self._free_what_was_written_into_questions()
        self._find_by_declaration()
        self._find_by_place()
        found = sum(1 for slot in self.parts if released[slot].name) - named
        if found > 0:
            notes.append(f"{found} cells had lost their names; they were recognised by text and place.")

    def cells(self) -> list[NotebookNode]:
        """The graded notebook's cells."""
        self._note_order()
        answers = {slot: self._answer(slot) for slot, cell in enumerate(self.released) if cell.solution}
        extras = self._extras()
        placed = [*extras[-1]]
        for slot, cell in enumerate(self.released):
            placed += answers[slot] if cell.solution else self._as_released(slot)
            placed += extras[slot]
        return placed

    # Which cell of the hand-in belongs where.

    def _give(self, position: int, slot: int) -> None:
        self.parts[slot] = sorted([*self.parts[slot], position])
        self.slot_of[position] = slot

    def _free(self) -> list[int]:
        return [position for position in range(len(self.submitted)) if position not in self.slot_of]

    def _source(self, position: int) -> str:
        return self.submitted[position].source

    def _is_own(self, position: int) -> bool:
        """Whether the student wrote something there."""
        return bool(self._source(position).strip()) and fingerprint(self._source(position)) not in self.given

    def _own(self, slot: int) -> list[int]:
        return [position for position in self.parts.get(slot, ()) if self._is_own(position)]

    def _find_by_text(self) -> None:
        for as_it_is_now in (True, False):
            for position in self._free():
                mark = fingerprint(self._source(position))
                for slot, cell in enumerate(self.released):
                    texts = {fingerprint(cell.source)} if as_it_is_now else cell.handed_out
                    if slot not in self.parts and not cell.solution and mark in texts:
                        self._give(position, slot)
                        break

    def _free_what_was_written_into_questions(self) -> None:
        """If a student has changed a text of the teacher's, the student's lines become a separate cell."""
        questions = [cell for cell in self.released if cell.cell_type != "code" and not cell.solution]
        for position, cell in enumerate(self.submitted):
            slot = self.slot_of.get(position)
            if cell.cell_type == "code" or (slot is not None and self.released[slot] not in questions):
                continue
            lines = [line for line in cell.source.splitlines() if _words(line)]
            for question in questions:
                given = {_words(line) for line in question.source.splitlines() if _words(line)}
                own = [line for line in lines if _words(line) not in given]
                if len(own) < len(lines) and 2 * (len(lines) - len(own)) >= len(given):
                    if fingerprint(cell.source) not in question.handed_out:
                        cell.source = "\n".join(own)
                        if slot is not None:
                            self.parts[slot].remove(position)
                            del self.slot_of[position]
                    break

    def _find_by_declaration(self) -> None:
        """Code that declares what an answer was to declare, where the answer's own cell is lost or as handed out."""
        for slot, wanted in enumerate(self.released):
            if not wanted.solution or wanted.is_written or self._own(slot):
                continue
            names = set(DECLARED.findall(wanted.source))
            found = [
                p
                for p in self._free()
                if self._is_code(p) and self._is_own(p) and names & set(DECLARED.findall(self._source(p)))
            ]
            if found and slot in self.parts:
                self.notes.append(f"The answer {wanted.name!r} was found in another cell than its own.")
            for position in found:
                self._give(position, slot)

    def _find_by_place(self) -> None:
        """An answer without a name is the last cell of its kind before the next released cell that was found."""
        for slot, wanted in enumerate(self.released):
            if slot in self.parts or not wanted.solution:
                continue
            found = [self.parts.get(other) for other in (slot - 1, slot + 1)]
            if slot + 1 < len(self.released) and not found[1]:
                continue
            start, end = found[0][-1] if slot and found[0] else -1, found[1][0] if found[1] else len(self.submitted)
            kind = [p for p in self._free() if start < p < end and self._is_code(p) != wanted.is_written]
            if kind and self.parts:
                self._give(kind[-1], slot)

    def _is_code(self, position: int) -> bool:
        return self.submitted[position].cell_type == "code"

    # The content of a slot.

    def _as_released(self, slot: int) -> list[NotebookNode]:
        cell, parts = self.released[slot], self.parts.get(slot, [])
        if not cell.name and cell.cell_type == "code" and not parts:
            # It was the student's to use, or to delete.
            return []
        if len(parts) > 1:
            self.notes.append(f"Cell {cell.name!r} was there more than once; it was put back as released.")
        if cell.points is not None and not parts:
            self.notes.append(f"The test {cell.name!r} was missing; it was put back.")
        # Teachers fix tests after the release: only a text that was never handed out is the student's doing.
        elif cell.points is not None and any(
            fingerprint(self._source(p)) not in cell.handed_out and self._source(p) != cell.source for p in parts
        ):
            self.notes.append(f"The test {cell.name!r} was not as released; it was put back.")
        return [cell.new_cell()]

    def _answer(self, slot: int) -> list[NotebookNode]:
        wanted, own = self.released[slot], self._own(slot)
        if wanted.is_written:
            return self._written(slot, own)
        if slot not in self.parts:
            self.notes.append(f"The answer {wanted.name!r} is missing.")
            return []
        if not own:
            return [wanted.new_cell(self._source(self.parts[slot][-1]))]
        pieces = self._pieces(slot, own)
        # Each is a cell that runs, as at home; the last that declares what was asked for is the answer.
        names = set(DECLARED.findall(wanted.source))
        declaring = [i for i, piece in enumerate(pieces) if names & set(DECLARED.findall(piece))]
        if len(declaring) > 1:
            self._note_twice(wanted)
        main = declaring[-1] if declaring else len(pieces) - 1
        return [
            wanted.new_cell(piece) if i == main else _cell("code", piece, f"{wanted.name} {i}", {})
            for i, piece in enumerate(pieces)
        ]

    def _pieces(self, slot: int, own: list[int]) -> list[str]:
        """The code of an answer's parts; a part with open brackets and the next part are two halves of one cell."""
        pieces, open_parts = [], []
        for position in own:
            open_parts.append(position)
            if self._is_whole(open_parts):
                pieces.append(open_parts)
                open_parts = []
        if open_parts:
            pieces.append(self._with_the_rest(slot, open_parts))
        for piece in pieces:
            self._note_parts(slot, piece)
        return ["\n".join(map(self._code, piece)) for piece in pieces]

    def _with_the_rest(self, slot: int, parts: list[int]) -> list[int]:
        """The parts with the cells behind them that close their brackets, if there are such."""
        longer = list(parts)
        for position in range(parts[-1] + 1, len(self.submitted)):
            if position in self.slot_of or not self._is_code(position):
                break
            longer.append(position)
            if self._is_whole(longer):
                for taken in longer[len(parts) :]:
                    self._give(taken, slot)
                return longer
        return parts

    def _is_whole(self, parts: list[int]) -> bool:
        bare = QUOTED.sub("", "\n".join(map(self._code, parts)))
        return all(bare.count(opening) == bare.count(closing) for opening, closing in ("()", "[]", "{}"))

    def _code(self, position: int) -> str:
        # A key that makes a heading of a cell puts a # in front.
        return self._source(position) if self._is_code(position) else re.sub(r"^#+ ", "", self._source(position))

    def _written(self, slot: int, own: list[int]) -> list[NotebookNode]:
        """A written answer with all that was written for it, also next to its cell: a person will read it."""
        wanted = self.released[slot]
        neighbours = self._behind(own[-1]) if own else self._nearest_texts(slot)
        for position in neighbours:
            self._give(position, slot)
        # Duplicates are read once.
        parts = list(
            {fingerprint(self._source(position)): position for position in sorted([*own, *neighbours])}.values()
        )
        if len(parts) < len(own) + len(neighbours):
            self._note_twice(wanted)
        if not parts:
            if slot not in self.parts and wanted.points is not None:
                self.notes.append(f"The answer {wanted.name!r} was missing; it was put back.")
            return [wanted.new_cell()]
        if not own:
            self.notes.append(
                f"The answer {wanted.name!r} was left as handed out; text in another cell was taken for it: please look."
            )
        elif len(parts) > 1:
            self._note_parts(slot, parts)
        cell = wanted.new_cell(
            "\n\n".join(_text_of(self.submitted[position]) or self._source(position) for position in parts)
        )
        pictures = {k: v for position in parts for k, v in self.submitted[position].get("attachments", {}).items()}
        if pictures:
            cell.attachments = pictures
        cell.source = without_html(cell.source, pictures)
        return [cell]

    def _behind(self, position: int) -> list[int]:
        """The texts that follow a cell directly, as the second half of a text that was split does."""
        found = []
        for following in range(position + 1, len(self.submitted)):
            if following in self.slot_of or self._is_code(following):
                break
            if self._is_own(following):
                found.append(following)
        return found

    def _nearest_texts(self, slot: int) -> list[int]:
        """The student's texts of some words to which no other written answer is nearer."""
        places = {
            other: self.parts[other][-1] if other in self.parts else self._place_of(other)
            for other, cell in enumerate(self.released)
            if cell.is_written
        }
        return [
            position
            for position in self._free()
            if self._is_own(position)
            and len((_text_of(self.submitted[position]) or "").split()) >= 3
            and min(places, key=lambda other: abs(places[other] - position)) == slot
        ]

    def _place_of(self, slot: int) -> float:
        """The position that a missing cell would have."""
        return max((p for other in range(slot) for p in self.parts.get(other, ())), default=-1) + 0.5

    def _note_twice(self, cell: ReleasedCell) -> None:
        self.notes.append(f"Cell {cell.name!r} was there more than once; the last one counts.")

    def _note_parts(self, slot: int, parts: list[int]) -> None:
        if len(parts) > 1:
            self.notes.append(
                f"The answer {self.released[slot].name!r} lay in {len(parts)} cells; they were put together."
            )

    # The rest of the hand-in.

    def _extras(self) -> dict[int, list[NotebookNode]]:
        """For each slot, -1 for the beginning, the student's further cells that followed it."""
        extras: dict[int, list[NotebookNode]] = defaultdict(list)
        next_slot, following = len(self.released), {}
        for position in reversed(range(len(self.submitted))):
            following[position] = next_slot
            next_slot = self.slot_of.get(position, next_slot)
        previous = -1
        for position in range(len(self.submitted)):
            if position in self.slot_of:
                previous = self.slot_of[position]
            elif self._is_own(position):
                # Cells that were moved keep the cells before them.
                extras[min(previous, following[position] - 1)].append(self._extra(position))
        return extras

    def _extra(self, position: int) -> NotebookNode:
        cell = self.submitted[position]
        source = cell.source if cell.cell_type == "code" else without_html(cell.source, cell.get("attachments", {}))
        extra = _cell(cell.cell_type, source, f"{position} {source}", {})
        if "attachments" in cell:
            extra.attachments = cell.attachments
        return extra

    def _note_order(self) -> None:
        places = [self.parts[slot][-1] for slot in sorted(self.parts) if self.released[slot].name]
        if places != sorted(places):
            self.notes.append(
                "Cells were in another order than in the release; they were graded in the order of the release."
            )


def _words(line: str) -> str:
    """A line without the marks of a heading, which a slip of a key puts there."""
    return line.strip().lstrip("# ")


def _text_of(cell: NotebookNode) -> str | None:
    """A cell's words for a reader: its text, even in comments or in a code cell that should be a Markdown cell."""
    if cell.cell_type != "code":
        return cell.source.strip() or None
    if COMMENTS.fullmatch(cell.source):
        return re.sub(r"^\s*(?://|/\*+|\*/?)\s?|\*/\s*$", "", cell.source, flags=re.MULTILINE).strip() or None
    looks_like_words = len(re.findall(r"\b[^\W\d_]{2,}\b", cell.source)) >= 8 and not re.search(r"[;{}=]", cell.source)
    return cell.source.strip() if looks_like_words else None


def _cell(cell_type: str, source: str, identity: str, metadata: dict) -> NotebookNode:
    kinds = {"code": nbformat.v4.new_code_cell, "raw": nbformat.v4.new_raw_cell}
    make = kinds.get(cell_type, nbformat.v4.new_markdown_cell)
    return make(source, id=hashlib.sha256(identity.encode()).hexdigest()[:12], metadata=metadata)


def _notebook(cells: list[NotebookNode], kernelspec: dict) -> NotebookNode:
    language = {"name": "typescript", "file_extension": ".ts", "mimetype": "text/typescript"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernelspec, "language_info": language})
