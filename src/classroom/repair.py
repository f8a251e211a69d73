"""Makes a hand-in gradable: what was released stands again as it was released, and the answers stay the student's.

nbgrader trusts the metadata of the cells that come back. Here nothing is trusted but the text of answers: which cell is
worth what is read from the gradebook, by the cell's name or, where that is lost, by its text and its place.
"""

import codecs
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

import nbformat
from nbformat.notebooknode import NotebookNode


@dataclass(frozen=True)
class ReleasedCell:
    """A cell of an assignment as the gradebook knows it, hidden tests included."""

    name: str
    cell_type: str
    source: str
    checksum: str
    locked: bool
    solution: bool
    points: float | None
    #: Fingerprints of what students were given, without the hidden tests; one for each time it was released.
    handed_out: frozenset[str] = frozenset()

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

    def new_cell(self) -> NotebookNode:
        make = nbformat.v4.new_code_cell if self.cell_type == "code" else nbformat.v4.new_markdown_cell
        # Always the same id, so that grading the same hand-in twice gives the same notebook.
        identity = hashlib.sha256(self.name.encode()).hexdigest()[:12]
        return make(self.source, id=identity, metadata={"nbgrader": self.metadata, "deletable": False})


@dataclass(frozen=True)
class Repaired:
    notebook: NotebookNode
    notes: list[str]


def repair(text: bytes, released: list[ReleasedCell], kernelspec: dict) -> Repaired:
    """The hand-in as a notebook with every released cell, once, in its place; and what had to be done for that."""
    notes: list[str] = []
    try:
        submitted = _read(text, notes)
    except Exception as error:
        return Repaired(
            _notebook([cell.new_cell() for cell in released], kernelspec),
            [f"The file is not a notebook that can be read ({_first_line(error)}); it was graded as an empty one."],
        )
    cells = [_plain(cell) for cell in submitted.get("cells", []) if isinstance(cell, dict)]
    language = _kernel_name(submitted)
    if language != kernelspec.get("name"):
        notes.append(f"The notebook named the kernel {language!r}; it was graded with {kernelspec.get('name')!r}.")
    owners = _owners(cells, released, notes)
    placed: list[NotebookNode] = []
    for position, (cell, _) in enumerate(cells):
        owner = owners.get(position)
        placed.append(_restored(cell, owner, notes) if owner else cell)
    _note_order(placed, released, notes)
    _add_missing(placed, released, notes)
    given = frozenset[str]().union(*(cell.handed_out for cell in released))
    for cell in placed:
        if (
            cell.cell_type != "code"
            and not cell.metadata.get("nbgrader", {}).get("locked")
            and fingerprint(cell.source) not in given
        ):
            cell.source = without_html(cell.source, cell.get("attachments", {}))
    return Repaired(_notebook(placed, kernelspec), notes)


def fingerprint(source: str) -> str:
    """Tells texts of cells apart; editors differ in line ends and in blanks around the text."""
    return hashlib.sha256("\n".join(source.split()).encode()).hexdigest()[:16]


def without_html(markdown: str, pictures: Iterable[str] = ()) -> str:
    """A student's text such that no tag and no link but to the web comes of it: teachers read it in their browser.

    Of pictures those stay that came with the text; nbconvert gives up on a page with a missing one.
    """
    markdown = re.sub(r"<(?=[a-zA-Z/!?&])", "&lt;", markdown)
    allowed = "|".join(["https?://", *(rf"attachment:{re.escape(name)}\)" for name in pictures)])
    markdown = re.sub(rf"\](?=\(\s*(?!{allowed}))", r"]\\", markdown)
    return re.sub(r"^(\s*)\[(?=[^\]]*\]:\s*(?!https?://))", r"\1\\[", markdown, flags=re.MULTILINE)


def _read(data: bytes, notes: list[str]) -> NotebookNode:
    if not data.strip():
        raise ValueError("it is empty")
    if data.startswith(b"PK"):
        raise ValueError("it is a zip file")
    content = json.loads(_decoded(data, notes))
    if not isinstance(content, dict) or type(content.get("nbformat")) is not int:
        raise ValueError("it has no nbformat number")
    if content["nbformat"] < 4:
        return nbformat.convert(nbformat.from_dict(content), 4)
    if not isinstance(content.get("cells"), list):
        raise ValueError("it has no list of cells")
    return nbformat.from_dict(content)


def _decoded(data: bytes, notes: list[str]) -> str:
    """The text of a file, which editors and shells on Windows also save as UTF-16 or in an old code page."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("utf-8-sig", "replace")
        json.loads(text)
        notes.append("Some letters of the file are not UTF-8 and could not be read.")
        return text


def _plain(cell: NotebookNode) -> tuple[NotebookNode, str | None]:
    """The cell with its text alone, and the name it says it has."""
    source = cell.get("source", "")
    source = "".join(map(str, source)) if isinstance(source, list) else str(source)
    # Half of a character, such as an emoji that was cut, can be read from JSON and not be written as UTF-8.
    source = source.encode("utf-8", "replace").decode("utf-8")
    settings = cell.get("metadata", {}).get("nbgrader") if isinstance(cell.get("metadata"), dict) else None
    name = settings.get("grade_id") if isinstance(settings, dict) else None
    kinds = {"code": nbformat.v4.new_code_cell, "raw": nbformat.v4.new_raw_cell}
    make = kinds.get(cell.get("cell_type"), nbformat.v4.new_markdown_cell)
    identity = hashlib.sha256(f"{cell.get('id')}{source}".encode("utf-8", "replace")).hexdigest()[:12]
    plain = make(source, id=identity)
    pictures = _pictures(cell)
    if pictures and make is nbformat.v4.new_markdown_cell:
        plain.attachments = pictures
    return plain, name if isinstance(name, str) else None


def _pictures(cell: NotebookNode) -> dict[str, dict[str, str]]:
    """The pictures that were pasted into a text."""
    attachments = cell.get("attachments")
    found = {}
    for name, data in attachments.items() if isinstance(attachments, dict) else ():
        kept = {
            kind: data[kind]
            for kind in ("image/png", "image/jpeg")
            if isinstance(data, dict) and isinstance(data.get(kind), str)
        }
        if kept:
            found[str(name)] = kept
    return found


def _owners(cells, released: list[ReleasedCell], notes: list[str]) -> dict[int, ReleasedCell]:
    """Which released cell each cell of the hand-in is. The last one of a name counts, as in nbgrader."""
    by_name = {cell.name: cell for cell in released}
    # A name that nobody has given is no name.
    cells = [(cell, name if name in by_name else None) for cell, name in cells]
    owners: dict[int, ReleasedCell] = {}
    taken: set[str] = set()
    for position in range(len(cells) - 1, -1, -1):
        name = cells[position][1]
        if name in taken:
            notes.append(f"Cell {name!r} was there more than once; the last one counts.")
        elif name is not None:
            owners[position] = by_name[name]
            taken.add(name)
    named = len(taken)
    _recognise_by_text(cells, released, owners, taken)
    _recognise_by_place(cells, released, owners, taken)
    if len(taken) > named:
        notes.append(f"{len(taken) - named} cells had lost their names; they were recognised by text and place.")
    return owners


def _recognise_by_text(cells, released, owners, taken) -> None:
    for position, (cell, name) in enumerate(cells):
        if position in owners or name is not None or not cell.source.strip():
            continue
        match = next(
            (
                known
                for known in released
                if known.name not in taken and known.locked and fingerprint(cell.source) in known.handed_out
            ),
            None,
        )
        if match is not None:
            owners[position] = match
            taken.add(match.name)


def _recognise_by_place(cells, released, owners, taken) -> None:
    """An answer without a name is the only cell of its kind just before the next released cell that was found."""
    for index, wanted in enumerate(released):
        if wanted.name in taken or wanted.locked:
            continue
        following = released[index + 1].name if index + 1 < len(released) else None
        end = next((p for p, owner in owners.items() if owner.name == following), None)
        if following is None:
            end = len(cells)
        if end is None:
            continue
        for position in range(end - 1, -1, -1):
            if position in owners:
                break
            cell, name = cells[position]
            if name is None and cell.cell_type == wanted.cell_type and (wanted.cell_type == "code" or wanted.points):
                owners[position] = wanted
                taken.add(wanted.name)
                break


def _restored(cell: NotebookNode, owner: ReleasedCell, notes: list[str]) -> NotebookNode:
    fresh = owner.new_cell()
    if owner.locked:
        # Teachers mend tests after the release: only a text that was never handed out is the student's doing.
        as_given = fingerprint(cell.source) in owner.handed_out or cell.source == owner.source
        if owner.points is not None and not as_given:
            notes.append(f"The test {owner.name!r} was not as released; it was put back.")
        return fresh
    fresh.source = cell.source
    if "attachments" in cell and fresh.cell_type == "markdown":
        fresh.attachments = cell.attachments
    return fresh


def _note_order(placed: list[NotebookNode], released: list[ReleasedCell], notes: list[str]) -> None:
    """Cells run in the order in which they stand: a test before its answer finds nothing, though it has run at home."""
    order = [cell.name for cell in released]
    places = [order.index(name) for cell in placed if (name := _name(cell)) in order]
    if places != sorted(places):
        notes.append("Cells stand in another order than they were released in; they ran in the order of the hand-in.")


def _add_missing(placed: list[NotebookNode], released: list[ReleasedCell], notes: list[str]) -> None:
    """Puts the tests and graded answers that were deleted after what stood before them; else at the end."""
    for index, cell in enumerate(released):
        if any(_name(existing) == cell.name for existing in placed):
            continue
        if cell.points is None and not cell.locked:
            notes.append(f"The answer {cell.name!r} is missing.")
            continue
        names = [_name(existing) for existing in placed]
        before = [names.index(earlier.name) for earlier in released[:index] if earlier.name in names]
        found_any = any(name is not None for name in names)
        place = (max(before) + 1) if before else (0 if found_any and not cell.points else len(placed))
        placed.insert(place, cell.new_cell())
        if cell.points is not None:
            notes.append(f"The {'answer' if cell.solution else 'test'} {cell.name!r} was missing; it was put back.")


def _name(cell: NotebookNode) -> str | None:
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def _kernel_name(notebook: NotebookNode) -> str | None:
    metadata = notebook.get("metadata")
    spec = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    return spec.get("name") if isinstance(spec, dict) else None


def _notebook(cells: list[NotebookNode], kernelspec: dict) -> NotebookNode:
    _make_ids_unique(cells)
    language = {"name": "typescript", "file_extension": ".ts", "mimetype": "text/typescript"}
    metadata = {"kernelspec": kernelspec, "language_info": language}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def _make_ids_unique(cells: list[NotebookNode]) -> None:
    seen: set[str] = set()
    for number, cell in enumerate(cells):
        if cell.id in seen:
            cell.id = f"{cell.id}-{number}"
        seen.add(cell.id)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
