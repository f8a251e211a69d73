"""Unpacks what the binding needs from a wheel or a .tar.gz of TensorFlow: its libraries and its C headers.

Usage: unpack.py ARCHIVE DESTINATION LIBRARY...

Writes DESTINATION/lib/LIBRARY and DESTINATION/include/... Python's standard library reads both kinds of archive, on
every platform.
"""

import shutil
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

# The folders of the headers that the binding includes, directly or through another header.
HEADERS = ("tensorflow/c", "tensorflow/core/platform", "tsl/platform", "xla/tsl/c")


def target_of(member, libraries):
    """The path under the destination for a member of the archive, or None if it is not needed."""
    path = PurePosixPath(member)
    if path.name in libraries:
        return Path("lib", path.name)
    parts = path.parts
    if path.suffix == ".h" and "include" in parts:
        header = PurePosixPath(*parts[parts.index("include") + 1 :])
        if any(header.is_relative_to(folder) for folder in HEADERS):
            return Path("include", header)
    return None


def members_of(archive):
    """The members' names, and a function that opens one; a link in a tar is read as the file it points to."""
    if zipfile.is_zipfile(archive):
        wheel = zipfile.ZipFile(archive)
        return wheel.namelist(), wheel.open
    tar = tarfile.open(archive)
    return tar.getnames(), tar.extractfile


def main(archive, destination, *libraries):
    names, open_member = members_of(archive)
    found = set()
    for name in names:
        target = target_of(name, libraries)
        if target is None or target in found:
            continue
        found.add(target)
        path = Path(destination, target)
        path.parent.mkdir(parents=True, exist_ok=True)
        with open_member(name) as source, path.open("wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
    missing = [library for library in libraries if Path("lib", library) not in found]
    if missing:
        sys.exit(f"{archive} holds no {', '.join(missing)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
