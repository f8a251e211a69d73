"""The jail: a file system, a process table and a network of its own for a program, on Linux with user namespaces."""

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
JAIL = Path(__file__).with_name("jail.sh")
UNSHARE = [
    "unshare",
    "--user",
    "--map-root-user",
    "--mount",
    "--pid",
    "--net",
    "--ipc",
    "--uts",
    "--fork",
    "--kill-child",
]


@functools.cache
def isolation() -> str:
    """`jail` where the file system and the network can be taken away, else `limits`."""
    if sys.platform != "linux" or os.environ.get("SPARSELAB_JAIL") == "off":
        return "limits"
    if not all(shutil.which(tool) for tool in ("unshare", "setpriv", "pivot_root", "sh")):
        return "limits"
    # The jail shows the system's programs: what lies among them would be shown as well.
    if any(ROOT.is_relative_to(folder) for folder in ("/usr", "/bin", "/lib")):
        return "limits"
    with tempfile.TemporaryDirectory(prefix="sparselab-") as folder:
        probe = subprocess.run(jailed(Path(folder), ["true"]), env=environment(), capture_output=True)
    return "jail" if probe.returncode == 0 else "limits"


def environment() -> dict[str, str]:
    """What the hand-in's process knows of ours: where programs are, and which backend to use; no name, no secret."""
    passed_on = ("PATH", "SYSTEMROOT", "SPARSELAB_BACKEND")
    temporary = tempfile.gettempdir() if sys.platform == "win32" else "/tmp"
    return {
        **{name: os.environ[name] for name in passed_on if name in os.environ},
        "HOME": temporary,
        "TMPDIR": temporary,
        "LANG": "C.UTF-8",
        "LIBRARY_FOLDERS": ":".join(_library_folders()),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def jailed(folder: Path, command: list[str]) -> list[str]:
    """The command that runs a program in the jail, with the folders `sockets` and `files` of this folder."""
    for name in ("root", "sockets", "files"):
        (folder / name).mkdir(exist_ok=True)
    return [
        *UNSHARE,
        "--",
        "sh",
        str(JAIL),
        *(str(folder / name) for name in ("root", "sockets", "files")),
        str(ROOT),
        *command,
    ]


@functools.cache
def node() -> str:
    """The path of the Node that set-up runs on."""
    return os.path.realpath(os.environ.get("SPARSELAB_NODE") or shutil.which("node") or "node")


def _library_folders() -> list[str]:
    """What the library needs beside the project's own files: Node, and TensorFlow, which set-up keeps in its cache."""
    tensorflow = ROOT / "node_modules" / "@tensorflow" / "tfjs-node"
    linked = [folder for folder in (tensorflow / "deps", tensorflow / "lib") if folder.is_symlink() and folder.exists()]
    return [str(Path(node()).parent), *(os.path.realpath(folder) for folder in linked)]
