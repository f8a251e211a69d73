"""Folders that student code fills are measured and removed, however they are made."""

import os
import sys
from pathlib import Path

import pytest

from classroom.folders import BLOCK, is_larger, remove


def test_what_is_in_a_folder_is_measured_with_what_empty_files_and_folders_take(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "empty").touch()
    (tmp_path / "inner" / "long").write_bytes(bytes(3 * BLOCK))
    (tmp_path / "link").symlink_to("/usr")
    # A folder, an empty file and a link of a block each, and three blocks.
    assert [is_larger(tmp_path, limit) for limit in (6 * BLOCK - 1, 6 * BLOCK)] == [True, False]
    assert not is_larger(tmp_path / "gone", 0)


@pytest.mark.skipif(sys.platform == "win32", reason="there paths have an end, and folders no mode")
def test_folders_deeper_than_a_path_can_tell_count_as_too_large_and_are_removed_closed_or_not(tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("kept")
    folder = tmp_path / "filled"
    folder.mkdir()
    start = os.open(".", os.O_RDONLY)
    try:
        os.chdir(folder)
        Path("closed").mkdir(0)
        # More than 4096 letters, and more than a recursion of Python's reaches.
        for _ in range(3000):
            Path("inner").mkdir()
            Path("link").symlink_to(kept)
            os.chdir("inner")
        Path("file").touch()
    finally:
        os.fchdir(start)
        os.close(start)
    assert is_larger(folder, 10**12)
    remove(folder)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept"]
    assert (kept / "file").read_text() == "kept"
