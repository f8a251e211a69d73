"""Commands work in a class whose folder and students have any names, and says them in any encoding."""

import os
import subprocess
import sys

import nbformat
import pytest
import tiny

from classroom.jail import ROOT

STUDENT = "J\u00f6rg \u0141uk\u00e1\u0161 \u674e"
FOLDER_OF_STUDENT = "J\u00f6rg-\u0141uk\u00e1\u0161-\u674e"
ANSWERS = {"double": tiny.DOUBLE, "square": tiny.SQUARE, "why": "Because."}


@pytest.mark.skipif(sys.platform == "win32", reason="there names cannot hold these signs")
@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("ascii", '50% ?query#part "x" \u00fc'),
        ("cp1252", "\u00dcbung \u201eK\u00e4fer\u201c 'x' [1] {0} * $HOME \u0141"),
    ],
)
def test_commands_work_in_a_folder_of_any_name_and_say_every_name_in_any_encoding(tmp_path, encoding, name):
    folder = tmp_path / name
    tiny.write_course(folder / "course")
    (folder / "course" / "nbgrader_config.py").write_text("c = get_config()\nc.Limits.types = False\n")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": encoding, "LC_ALL": "POSIX"}
    options = ["--class", str(folder / "class"), "--course", str(folder / "course")]

    def run(*command):
        outcome = subprocess.run(
            [sys.executable, "-m", "classroom", *command, *options], env=environment, capture_output=True, cwd=folder
        )
        assert outcome.returncode == 0, (outcome.stdout + outcome.stderr).decode(encoding, "replace")
        return outcome.stdout.decode(encoding)

    run("release")
    (folder / "in" / STUDENT).mkdir(parents=True)
    answered = tiny.answer(folder / "class" / "release" / "tiny" / "tiny.ipynb", ANSWERS)
    nbformat.write(answered, folder / "in" / STUDENT / "x.ipynb")
    shown = FOLDER_OF_STUDENT.encode(encoding, "backslashreplace").decode(encoding)
    assert shown in run("collect", str(folder / "in"))
    assert (folder / "class" / "gradebook.db").is_file()
    assert sorted(path.name for path in folder.iterdir()) == ["class", "course", "in"]
