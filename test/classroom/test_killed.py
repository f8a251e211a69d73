"""A command that is killed between any two changes of the class's folder leaves whole files, and run again it finishes."""

import functools
import itertools
import json
import os
import shutil
import signal
import sys
from pathlib import Path

import nbformat
import pytest
import tiny
from conftest import make_class

from classroom.collect import collect
from classroom.course import Classroom, replace_folder
from classroom.release import release

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there processes have no copies of themselves")

#: Changes of files, as Python announces them. Files are opened for writing with a mode or flags.
CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "os.link"}


def killed_before_change(number, folders, work):
    """Runs `work` in a copy of this process, which is killed before it changes something in these folders for the nth time; whether it was."""
    child = os.fork()
    if child == 0:
        left = number

        def look(event, details):
            nonlocal left
            writes = event == "open" and isinstance(details[2], int) and details[2] & (os.O_WRONLY | os.O_RDWR)
            if (event in CHANGES or writes) and str(details[0]).startswith(folders):
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(look)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def whole_files(folder):
    """The contents of what a command or a teacher reads, parsed; drafts are nobody's."""
    for path in folder.rglob("*"):
        if path.suffix in (".ipynb", ".json") and not any(part.startswith(".") for part in path.parts):
            json.loads(path.read_text(encoding="utf-8"))
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in (".ipynb", ".json", ".txt")
    }


def after_kills(tmp_path, before: Path, work, *folders):
    """Kills `work` on a copy of a class before each of its changes in these folders: what each left. Run again, it finishes."""
    expected = tmp_path / "expected"
    shutil.copytree(before, expected)
    work(expected)
    for number in itertools.count():
        folder = tmp_path / f"killed-{number}"
        shutil.copytree(before, folder)
        places = tuple(str(folder / name) for name in folders)
        if not killed_before_change(number, places, functools.partial(work, folder)):
            assert number > 3
            return
        yield whole_files(folder)
        work(folder)
        assert whole_files(folder) == whole_files(expected)


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    return make_class(tmp_path_factory.mktemp("killed"))


def hand_in(folder, released, age, answer):
    file = folder / "ann" / "tiny.ipynb"
    file.parent.mkdir(parents=True)
    nbformat.write(tiny.answer(released.folder / "release" / "tiny" / "tiny.ipynb", {"why": answer}), file)
    os.utime(file, (age, age))


def test_collect_leaves_the_earlier_work_or_the_newer_one(tmp_path, released):
    before = tmp_path / "before"
    shutil.copytree(released.folder, before)
    hand_in(tmp_path / "first", released, 1e9, "one")
    collect(Classroom(before, released.course), tmp_path / "first", None)
    hand_in(tmp_path / "second", released, 2e9, "two")

    def work(folder):
        collect(Classroom(folder, released.course), tmp_path / "second", None)

    for left in after_kills(tmp_path, before, work, "submitted"):
        text = left["submitted/ann/tiny/tiny.ipynb"]
        assert b'"one"' in text or b'"two"' in text


def test_release_leaves_nothing_where_students_get_it_or_something_without_secrets(tmp_path, released):
    tiny.write_course(tmp_path / "course", hidden_double="double(-4) === -8")

    def work(folder):
        release(Classroom(folder, tmp_path / "course"), [])

    for left in after_kills(tmp_path, released.folder, work, "release", ".releasing"):
        assert b"-8" not in left.get("release/tiny/tiny.ipynb", b"")
        assert [name for name in left if name.startswith("release/")] in ([], ["release/tiny/tiny.ipynb"])


def test_grading_leaves_the_earlier_result_or_the_newer_one(tmp_path, released):
    before = tmp_path / "before"
    shutil.copytree(released.folder, before)
    result = Path("autograded", "ann", "tiny", "grading.json")
    (before / result).parent.mkdir(parents=True)
    (before / result).write_text("1")

    def work(folder):
        draft = folder / ".grading" / "graded"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        (draft / "grading.json").write_text("2")
        with Classroom(folder, released.course).alone():
            replace_folder(folder, folder / result.parent, draft)

    for number, _ in enumerate(after_kills(tmp_path, before, work, "autograded", ".replaced")):
        folder = tmp_path / f"killed-{number}"
        with Classroom(folder, released.course).alone():
            assert (folder / result).read_text() in ("1", "2")
            assert not (folder / ".replaced").exists()
