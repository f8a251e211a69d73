"""Folders that student code fills: how much is in them, and how to remove them whatever is in them.

Folders in folders can lie deeper than a path or a recursion reaches, and can be closed to their owner.
"""

import contextlib
import os
import shutil
import sys
import uuid
from pathlib import Path

#: The least disk space of a file or folder, also of an empty one.
BLOCK = 4096


def is_larger(folder: Path, limit: int) -> bool:
    """Whether a folder holds more than this many bytes, or files that cannot be read. A program may be at work in it meanwhile."""
    size, waiting = 0, [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    with contextlib.suppress(FileNotFoundError):
                        size += max(BLOCK, entry.stat(follow_symlinks=False).st_size)
                    if size > limit:
                        return True
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except (FileNotFoundError, NotADirectoryError):
            continue  # It was there a moment ago.
        except OSError:
            return True
    return False


def remove(folder: Path) -> None:
    """Removes a folder in which no program is at work any more, as far as that can be done."""
    if sys.platform == "win32":
        # It knows what is a link there.
        shutil.rmtree(folder, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        # Each round lifts the folders of the second level to the first: no path grows longer than these two.
        while inner := list(filter(_is_folder, folder.iterdir())):
            for path in inner:
                path.chmod(0o700)
                for entry in list(path.iterdir()):
                    if _is_folder(entry):
                        # Only an open folder can be moved.
                        entry.chmod(0o700)
                        entry.rename(folder / uuid.uuid4().hex)
                    else:
                        entry.unlink()
                path.rmdir()
        for path in list(folder.iterdir()):
            path.unlink()
        folder.rmdir()


def _is_folder(path: Path) -> bool:
    return not path.is_symlink() and path.is_dir()
