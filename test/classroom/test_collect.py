"""Whose a file is: nobody's work is lost, and nobody's is taken for somebody else's."""

import json
import os
import re
import sys

import pytest

from classroom.collect import collect
from classroom.course import Classroom, Handin


@pytest.fixture
def taken(tiny_class, tmp_path, capsys):
    """Takes in files of these paths; returns the students with work and the lines of the table by file."""
    # The release is the same for all; what is taken in is each test's own.
    classroom = Classroom(tmp_path / "class", tiny_class.course)
    for part in ("release", "source", "gradebook.db"):
        (classroom.folder / part).symlink_to(tiny_class.folder / part)
    released = (tiny_class.folder / "release" / "tiny" / "tiny.ipynb").read_bytes()

    def take(*paths, content=None):
        folder = tmp_path / "hand-ins"
        for number, path in enumerate(paths):
            file = folder / os.fsdecode(path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(released if content is None else content)
            os.utime(file, (1e9 + number, 1e9 + number))
        capsys.readouterr()
        collect(classroom, folder, None)
        lines = capsys.readouterr().out.splitlines()[2:]
        return [handin.student for handin in classroom.handins()], lines, classroom, folder

    return take


@pytest.mark.parametrize(
    ("paths", "students"),
    [
        (["ann/Untitled3.ipynb", "bo/tiny/tiny.ipynb"], ["ann", "bo"]),
        (["ann_tiny.ipynb", "bo tiny (2).ipynb", "cy-Tiny-final.ipynb.txt"], ["ann", "bo", "cy"]),
        # Underscores are part of a name.
        (["ann_lee_tiny.ipynb", "ann_fox_tiny.ipynb", "ann_tiny.ipynb"], ["ann", "ann_fox", "ann_lee"]),
        (["ann_lee.ipynb", "ann_fox.ipynb"], ["ann_fox", "ann_lee"]),
        # Moodle and Canvas tell two students of one name apart by a number.
        (
            ["Ann Lee_4711_assignsubmission_file_/x.ipynb", "Ann Lee_4712_assignsubmission_file_/x.ipynb"],
            ["Ann-Lee-4711", "Ann-Lee-4712"],
        ),
        (["Ann Lee_4711_assignsubmission_file_x.ipynb"], ["Ann-Lee"]),
        (
            ["leeann_17_801_tiny.ipynb", "leeann_LATE_18_802_tiny-1.ipynb", "leeann_17_803_tiny.ipynb"],
            ["leeann-17", "leeann-18"],
        ),
        # macOS writes ö as two characters, and puts files that are not notebooks into its archives.
        (["Jo\u0308rg/tiny.ipynb"], ["J\u00f6rg"]),
        (
            ["Zo\u00eb & Co. (3)/tiny.ipynb", "O'Neil, P./tiny.ipynb", "100%?#/tiny.ipynb"],
            ["100", "O-Neil-P", "Zo\u00eb-Co.-3"],
        ),
        # The vowels of Hindi and Thai are marks on letters: without them two names become one.
        (
            ["\u0930\u0935\u093f/x.ipynb", "\u0930\u0935\u0940/x.ipynb", "\u0e01\u0e34\u0e48\u0e07/x.ipynb"],
            ["\u0930\u0935\u093f", "\u0930\u0935\u0940", "\u0e01\u0e34\u0e48\u0e07"],
        ),
        # Windows takes such names for devices.
        (["Con_tiny.ipynb", "nul.txt/x.ipynb", "Conny/x.ipynb"], ["Con-student", "Conny", "nul.txt-student"]),
    ],
)
def test_every_student_is_one(taken, paths, students):
    assert taken(*paths)[0] == students


def moodle(name, number):
    return f"{name}_{number}_assignsubmission_file_/x.ipynb"


def test_a_student_stays_one_in_another_assignment_where_moodle_s_number_is_another(taken):
    _, _, classroom, folder = taken(moodle("Ann Lee", 4711), moodle("Bo", 4712))
    for student, number in {"Ann-Lee": "4711", "Bo": "4712"}.items():
        mark = classroom.folder / "submitted" / student / "owner.json"
        assert json.loads(mark.read_text())["numbers"] == {"tiny": number}
        # As if that had been another assignment.
        mark.write_text(mark.read_text().replace("tiny", "other"))
    (folder / moodle("Ann Lee", 4711)).parent.rename((folder / moodle("Ann Lee", 4712)).parent)
    (folder / moodle("Bo", 4712)).parent.rename((folder / moodle("Bo", 4711)).parent)
    assert taken()[0] == ["Ann-Lee", "Bo"]


def test_a_second_student_of_a_name_who_hands_in_later_stays_another_one_and_is_known_again(taken):
    assert taken(moodle("Ann Lee", 4711))[0] == ["Ann-Lee"]
    students, lines, _, folder = taken(moodle("Ann Lee", 4712))
    assert students == ["Ann-Lee", "Ann-Lee-4712"]
    assert "There are several students with the name Ann Lee" in lines[-2]
    # The student of another assignment is unknown: it belongs to nobody whose work could be confused with it.
    for path in folder.iterdir():
        path.rename(folder / path.name.replace("47", "48"))
    assert taken()[0] == ["Ann-Lee", "Ann-Lee-4712", "Ann-Lee-4811", "Ann-Lee-4812"]
    (folder / "Ann Lee_4811_assignsubmission_file_").rename(folder / "Ann Lee_4711_assignsubmission_file_")
    (folder / "Ann Lee_4812_assignsubmission_file_").rename(folder / "Ann Lee_4712_assignsubmission_file_")
    assert taken()[0] == ["Ann-Lee", "Ann-Lee-4712", "Ann-Lee-4811", "Ann-Lee-4812"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems permit no such names")
def test_names_that_differ_in_case_or_in_old_letters_only_are_two_students(taken):
    students, _, _, _ = taken("ann/x.ipynb", "Ann/x.ipynb", b"J\xf6rg/x.ipynb", b"J\xe4rg/x.ipynb")
    assert students == ["Ann", "J\u00e4rg", "J\u00f6rg", "ann"]


def test_names_that_would_become_one_are_left_until_one_of_them_is_renamed(taken):
    students, lines, classroom, folder = taken("Ann Lee/x.ipynb", "Ann-Lee/x.ipynb", "bo/x.ipynb")
    assert students == ["bo"]
    collision = "skipped: 'Ann Lee' and 'Ann-Lee' would become one student; rename one of them, then collect again"
    assert [collision in line for line in lines] == [True, True, False]
    (folder / "Ann-Lee").rename(folder / "Ann-Lee-2")
    collect(classroom, folder, None)
    assert [handin.student for handin in classroom.handins()] == ["Ann-Lee", "Ann-Lee-2", "bo"]


def test_a_name_that_would_become_one_with_an_earlier_student_s_is_left(taken):
    taken("Ann Lee/x.ipynb")
    _, _, classroom, folder = taken("bo/x.ipynb")
    (folder / "Ann Lee").rename(folder / "Ann, Lee")
    before = (classroom.step("submitted", Handin("Ann-Lee", "tiny")) / "tiny.ipynb").read_bytes()
    (folder / "Ann, Lee" / "x.ipynb").write_bytes(before + b" ")
    students, lines, _, _ = taken()
    assert students == ["Ann-Lee", "bo"]
    assert "'Ann, Lee' would become one student with 'Ann Lee', who has handed in before; rename it" in lines[0]
    assert (classroom.step("submitted", Handin("Ann-Lee", "tiny")) / "tiny.ipynb").read_bytes() == before


def test_of_several_folders_in_a_student_s_none_is_taken_and_the_advice_works(taken):
    students, lines, classroom, folder = taken(
        "group/fin/x.ipynb", "group/gil/x.ipynb", "hal/x.ipynb", "hal/old/x.ipynb"
    )
    assert students == ["hal"]
    collect(classroom, folder.parent / re.search(r'collect "([^"]+)"', lines[0]).group(1), None)
    assert [handin.student for handin in classroom.handins()] == ["fin", "gil", "hal"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere both spellings are one folder")
def test_of_two_folders_whose_names_differ_in_the_spelling_of_marks_only_none_is_taken(taken):
    students, lines, *_ = taken("J\u00f6rg/x.ipynb", "Jo\u0308rg/x.ipynb")
    assert students == []
    assert all("if they are of several students, rename all but one" in line for line in lines)


def test_what_is_left_has_a_line_that_says_why(taken, tmp_path):
    folder = tmp_path / "hand-ins"
    for name in ("link", "__MACOSX/ann", "ann"):
        (folder / name).mkdir(parents=True)
    (folder / "link" / "tiny.ipynb").symlink_to(folder / "ann" / "x.ipynb")
    (folder / "linked").symlink_to(folder / "ann")
    (folder / "hal.zip").write_bytes(b"PK")
    for path in ("ann/._tiny.ipynb", "__MACOSX/ann/._tiny.ipynb"):
        (folder / path).write_bytes(b"\x00\x05\x16\x07 Mac OS X")
    (folder / "eve").mkdir()
    (folder / "eve" / "notes.ipynb").write_text(json.dumps({"cells": []}))
    students, lines, _, _ = taken("ann/x.ipynb", "tiny.ipynb", "\U0001f98a/x.ipynb")
    assert students == ["ann"]
    told = "\n".join(lines)
    assert len(lines) == 7
    for line in (
        r"linked .*it is a link",
        r"link/tiny.ipynb .*it is a link",
        r"hal.zip .*unpack it first",
        r"eve/notes.ipynb .*not recognised; say which with --assignment \(tiny\)",
        r"tiny.ipynb .*put it into a folder with the student's name",
        r"\U0001f98a/x.ipynb .*put it into a folder with the student's name, in letters or digits",
    ):
        assert re.search(line, told)


def test_work_that_came_before_stays_unless_it_is_older(taken):
    taken("ann/x.ipynb")
    assert "the same as before" in taken("ann/x.ipynb")[1][0]
    assert "replaced by a newer one" in taken("bo/x.ipynb", "ann/x.ipynb", content=b'{"grade_id": "double"}')[1][0]
    assert "older than the present file" in taken("ann/x.ipynb")[1][0]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems permit no such names")
def test_a_name_cannot_change_the_table_in_which_it_stands(taken):
    students, lines, *_ = taken("tab\tline\n\x1b[2J/x.ipynb", "\u202eann/x.ipynb")
    assert students == ["ann", "tab-line-2J"]
    assert [line.split("  ")[0] for line in lines] == [r"tab\tline\n\x1b[2J/x.ipynb", r"\u202eann/x.ipynb"]
