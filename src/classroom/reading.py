"""Reads the file that came: a notebook's cells, whatever an editor or a shell has done to them. Nothing but text is kept."""

import codecs
import json
import re
from collections.abc import Iterable

import nbformat
from nbformat.notebooknode import NotebookNode


class Unreadable(Exception):
    """The file is not a notebook; the message says why."""


def read_notebook(data: bytes, notes: list[str]) -> NotebookNode:
    """The notebook in a file.

    @raises Unreadable if there is none
    """
    if not data.strip():
        raise Unreadable("it is empty")
    if data.startswith(b"PK"):
        raise Unreadable("it is a zip file")
    try:
        return _notebook(json.loads(_decoded(data, notes)))
    except Unreadable:
        raise
    except Exception as error:  # What is in the file is the hand-in's to choose.
        raise Unreadable((str(error).splitlines() or [type(error).__name__])[0][:120]) from error


def cells_of(notebook: NotebookNode) -> list[tuple[NotebookNode, str | None]]:
    """Its cells, each with its text and pasted pictures alone, and the name that it says it has."""
    return [_plain(cell) for cell in notebook.get("cells", []) if isinstance(cell, dict)]


def kernel_name(notebook: NotebookNode) -> str | None:
    """The kernel that the notebook says it is for."""
    metadata = notebook.get("metadata")
    spec = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    return spec.get("name") if isinstance(spec, dict) else None


def without_html(markdown: str, pictures: Iterable[str] = ()) -> str:
    """A student's text such that no tag and no link but to the web comes of it: teachers read it in their browser.

    Only pictures that came with the text stay; nbconvert gives up on a page with a missing one.
    """
    markdown = re.sub(r"<(?=[a-zA-Z/!?&])", "&lt;", markdown)
    allowed = "|".join(["https?://", *(rf"attachment:{re.escape(name)}\)" for name in pictures)])
    markdown = re.sub(rf"\](?=\(\s*(?!{allowed}))", r"]\\", markdown)
    return re.sub(r"^(\s*)\[(?=[^\]]*\]:\s*(?!https?://))", r"\1\\[", markdown, flags=re.MULTILINE)


def _notebook(content: object) -> NotebookNode:
    if not isinstance(content, dict) or type(content.get("nbformat")) is not int:
        raise Unreadable("it has no nbformat number")
    if content["nbformat"] < 4:
        return nbformat.convert(nbformat.from_dict(content), 4)
    if not isinstance(content.get("cells"), list):
        raise Unreadable("it has no list of cells")
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
    source = cell.get("source", "")
    source = "".join(map(str, source)) if isinstance(source, list) else str(source)
    # Half of a character, such as an emoji that was cut, can be read from JSON and not be written as UTF-8.
    source = source.encode("utf-8", "replace").decode("utf-8")
    settings = cell.get("metadata", {}).get("nbgrader") if isinstance(cell.get("metadata"), dict) else None
    name = settings.get("grade_id") if isinstance(settings, dict) else None
    kinds = {"code": nbformat.v4.new_code_cell, "raw": nbformat.v4.new_raw_cell}
    make = kinds.get(cell.get("cell_type"), nbformat.v4.new_markdown_cell)
    plain = make(source)
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
