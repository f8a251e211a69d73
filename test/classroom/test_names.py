"""Every command works in a class whose folder and students have any names, and says them in any encoding."""

import csv
import http.cookiejar
import json
import os
import re
import subprocess
import sys
import urllib.request

import nbformat
import psutil
import pytest
import tiny

from classroom.jail import ROOT

STUDENT = "J\u00f6rg \u0141uk\u00e1\u0161 \u674e"
FOLDER_OF_STUDENT = "J\u00f6rg-\u0141uk\u00e1\u0161-\u674e"
ANSWERS = {"double": tiny.DOUBLE, "square": tiny.SQUARE, "why": "Because."}


@pytest.mark.skipif(sys.platform == "win32", reason="there names cannot hold these signs")
@pytest.mark.parametrize(
    ("encoding", "name"),
    tiny.sampled(
        [
            ("ascii", '50% ?query#part "x" \u00fc'),
            ("cp1252", "\u00dcbung \u201eK\u00e4fer\u201c 'x' [1] {0} * $HOME \u0141"),
        ]
    ),
)
def test_all_commands_work_in_a_folder_of_any_name_and_say_every_name_in_any_encoding(tmp_path, encoding, name):
    folder = tmp_path / name
    tiny.write_course(folder / "course")
    (folder / "course" / "nbgrader_config.py").write_text("c = get_config()\nc.Limits.types = False\n")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": encoding, "LC_ALL": "POSIX"}
    options = ["--class", str(folder / "class"), "--course", str(folder / "course")]

    def start(*command):
        return subprocess.Popen(
            [sys.executable, "-m", "classroom", *command, *options],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
        )

    def run(*command):
        process = start(*command)
        told, errors = process.communicate()
        assert process.returncode == 0, (told + errors).decode(encoding, "replace")
        return told.decode(encoding)

    run("release")
    (folder / "in" / STUDENT).mkdir(parents=True)
    answered = tiny.answer(folder / "class" / "release" / "tiny" / "tiny.ipynb", ANSWERS)
    nbformat.write(answered, folder / "in" / STUDENT / "x.ipynb")
    shown = FOLDER_OF_STUDENT.encode(encoding, "backslashreplace").decode(encoding)
    assert shown in run("collect", str(folder / "in"))
    assert shown in run("grade")
    run("feedback")
    page = folder / "class" / "feedback" / FOLDER_OF_STUDENT / "tiny" / "tiny.html"
    assert "6.0 / 10.0" in page.read_text(encoding="utf-8")
    run("export")
    with (folder / "class" / "grades.csv").open(encoding="utf-8-sig") as stream:
        assert [(row["student"], float(row["points"])) for row in csv.DictReader(stream)] == [(FOLDER_OF_STUDENT, 6)]
    assert _by_hand_next(start("review")) == [("tiny", 1)]
    assert sorted(path.name for path in folder.iterdir()) == ["class", "course", "in"]


def _by_hand_next(review):
    """The assignments that the page for grading by hand shows, each with its number of hand-ins."""
    try:
        lines = (line.decode("ascii", "replace") for line in review.stdout)
        address = next(found.group() for line in lines if (found := re.search(r"http://\S+", line)))
        # It knows its user by cookies.
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        browser.open(address).close()
        with browser.open(re.sub(r"/formgrader\?.*", "/formgrader/api/assignments", address)) as answer:
            return [(found["name"], found["num_submissions"]) for found in json.load(answer)]
    finally:
        for process in [*psutil.Process(review.pid).children(recursive=True), review]:
            process.kill()
        review.communicate()
