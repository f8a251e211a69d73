"""The jail: what a program finds of this machine, where the machine can take the rest away from it.

Three lines of defence, the first that holds here is used:

- bubblewrap: a file system, a table of processes and a network of its own;
- Landlock with a filter of system calls (confine.py), where namespaces are forbidden or bubblewrap is missing;
- Node's permission model, on any system, from Node 22 on. It is not a jail: Node refuses what JavaScript asks it for, but
  a kernel needs native code for its sockets, and native code is free.

Whether one holds is tried, not guessed: a program in it tries to break out.
"""

import contextlib
import functools
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONFINE = Path(__file__).with_name("confine.py")
THREADS = Path(__file__).with_name("threads.cjs")

#: The jails in which the operating system itself holds a program.
JAILS = ("bubblewrap", "landlock")

#: The best first.
LINES = (*JAILS, "permission")

#: No line: what a program does is limited, and nothing is out of its reach.
NONE = "none"

#: The parts of the system that programs need: libraries and their data, no programs.
SYSTEM = (
    *("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/usr/share"),
    *("/etc/ld.so.cache", "/etc/ssl/openssl.cnf", "/etc/localtime"),
)
#: They tell only about the machine, and about no process.
MACHINE = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu")
#: ZeroMQ's binding looks for this file, to know which C library there is. Node's permissions refuse even the question.
ASKED_FOR = Path("/etc/alpine-release")
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")

TEMPORARY_MB = 64


@dataclass(frozen=True)
class Surroundings:
    """The files that a program can see, in addition to the system's libraries and Node."""

    #: A folder of its own for temporary files.
    temporary: Path
    #: Where it starts.
    cwd: Path
    read: list[Path] = field(default_factory=list)
    write: list[Path] = field(default_factory=list)


@functools.cache
def isolation() -> str:
    """The line of defence that is used here; SPARSELAB_JAIL=bubblewrap, landlock, permission or none chooses."""
    wanted = os.environ.get("SPARSELAB_JAIL")
    return next((line for line in LINES if wanted in (None, line) and holds(line)), NONE)


def is_jailed() -> bool:
    """Whether the operating system holds hand-ins' code in."""
    return isolation() in JAILS


@functools.cache
def holds(line: str) -> bool:
    """Whether a program in this line reaches all permitted files and no others: tried once."""
    if not _is_there(line):
        return False
    with (
        tempfile.TemporaryDirectory(prefix="sparselab-") as inside,
        tempfile.TemporaryDirectory(prefix="sparselab-") as outside,
        socket.create_server(("127.0.0.1", 0)) as server,
        contextlib.ExitStack() as stack,
    ):
        if hasattr(socket, "AF_UNIX"):
            listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            listener.bind(f"{outside}/socket")
            listener.listen()
        (Path(outside) / "secret").write_text("secret")
        temporary, own = Path(inside) / "tmp", Path(inside) / "own"
        temporary.mkdir()
        own.mkdir()
        around = Surroundings(temporary=temporary, cwd=own, write=[own])
        attempt = [node(), "-e", ATTEMPT, outside, str(server.getsockname()[1]), f"/proc/{os.getpid()}/cmdline"]
        attempt.append(Path("/proc/self/cmdline").read_bytes().hex() if sys.platform == "linux" else "")
        with contextlib.suppress(OSError, subprocess.TimeoutExpired, ValueError):
            outcome = subprocess.run(
                confined(line, attempt, around, {}), env=environment(temporary), capture_output=True, timeout=60
            )
            reached = {name for name, is_reached in json.loads(outcome.stdout).items() if is_reached}
            return REQUIRED <= reached <= REQUIRED | OPEN.get(line, set())
    return False


#: The capabilities that a program must have.
REQUIRED = {"own", "tmp"}

#: Gaps of a line of defence: Node's permission model leaves the network, and sockets of other programs on this machine.
OPEN = {"permission": {"network", "socket"}}

#: Says for each thing whether it could be done.
ATTEMPT = """
const [outside, port, file, content] = process.argv.slice(1);
const fs = require('node:fs'), net = require('node:net');
const outcomes = {};
const attempt = (name, work) => { try { work(); outcomes[name] = true; } catch { outcomes[name] = false; } };
attempt('own', () => fs.writeFileSync('file', 'x'));
attempt('tmp', () => fs.writeFileSync(process.env.TMPDIR + '/file', 'x'));
attempt('read', () => fs.readFileSync(outside + '/secret'));
attempt('list', () => fs.readdirSync(outside));
attempt('write', () => fs.writeFileSync(outside + '/new', 'x'));
attempt('remove', () => fs.unlinkSync(outside + '/secret'));
attempt('process', () => { if (fs.readFileSync(file, 'hex') !== content) throw new Error(); });
attempt('program', () => {
  const [shell, option] = process.platform === 'win32' ? ['cmd.exe', '/c'] : ['/bin/sh', '-c'];
  const { error } = require('node:child_process').spawnSync(shell, [option, 'exit']);
  if (error) throw error;
});
const connect = (name, ...where) => new Promise((resolve) => {
  const settle = (outcome) => { outcomes[name] = outcome; resolve(); };
  net.connect(...where).on('connect', () => settle(true)).on('error', () => settle(false));
});
// A thread with options of its own: none.
const thread = new Promise((resolve) => {
  const code = `require('node:fs').readFileSync(${JSON.stringify(outside + '/secret')})`;
  const settle = (outcome) => { outcomes.thread = outcome; resolve(); };
  new (require('node:worker_threads').Worker)(code, { eval: true, execArgv: [], env: {} })
    .on('error', () => settle(false)).on('exit', (status) => settle(status === 0));
});
Promise.all([connect('network', Number(port), '127.0.0.1'), connect('socket', outside + '/socket'), thread])
  .then(() => { console.log(JSON.stringify(outcomes)); process.exit(); });
"""


def environment(temporary: Path) -> dict[str, str]:
    """The part of our environment that a hand-in's process gets: where programs are, and which backend to use; no name, no
    secret."""
    passed_on = ("PATH", "SYSTEMROOT", "SPARSELAB_BACKEND")
    return {
        **{name: os.environ[name] for name in passed_on if name in os.environ},
        "HOME": str(temporary),
        "TMPDIR": str(temporary),
        "LANG": "C.UTF-8",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def confined(line: str, command: list[str], around: Surroundings, limits: dict[str, int]) -> list[str]:
    """The command that runs a program in a line of defence, with limits of its resources (`resource.RLIMIT_…`).

    It ends together with this process. On Windows there are no such limits, and the program does not end with this process.

    @param command a program and its arguments; for Node's permission model that program is Node
    """
    walls = None
    if line == "bubblewrap":
        command = _in_bubblewrap(command, around)
    elif line == "permission":
        command = _with_permissions(command, around)
    elif line == "landlock":
        read = [*_system(), *(Path(path) for path in MACHINE), *around.read]
        write = [*(Path(path) for path in DEVICES), around.temporary, *around.write]
        walls = {
            "read": [str(path) for path in read if path.exists()],
            "write": [str(path) for path in write if path.exists()],
        }
    if sys.platform == "win32":
        return command
    instructions = {"parent": os.getpid(), "limits": limits, "walls": walls, "cwd": str(around.cwd), "command": command}
    return [sys.executable, "-I", "-S", str(CONFINE), json.dumps(instructions)]


@functools.cache
def node() -> str:
    """The path of the Node that set-up runs on."""
    return os.path.realpath(os.environ.get("SPARSELAB_NODE") or shutil.which("node") or "node")


def _is_there(line: str) -> bool:
    if line == "permission":
        # Node reads an asterisk as any text. Whether this Node has permissions at all, the attempt shows.
        return "*" not in f"{ROOT}{tempfile.gettempdir()}"
    if sys.platform != "linux":
        return False
    # Files among the system's libraries would be visible with them.
    if any(ROOT.is_relative_to(Path(folder).resolve()) for folder in SYSTEM):
        return False
    if line == "bubblewrap":
        return shutil.which("bwrap") is not None
    from .confine import MACHINES  # It knows nothing of Windows.

    return platform.machine() in MACHINES


def _in_bubblewrap(command: list[str], around: Surroundings) -> list[str]:
    def show(option: str, paths: Iterable[Path]) -> list[str]:
        return [
            part
            for path in paths
            for part in (
                ("--symlink", str(path.readlink()), str(path)) if path.is_symlink() else (option, str(path), str(path))
            )
        ]

    return [
        shutil.which("bwrap"),
        *("--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--proc", "/proc"),
        *show("--ro-bind", _system()),
        *show("--dev-bind", map(Path, DEVICES)),
        *("--size", str(TEMPORARY_MB * 2**20), "--tmpfs", str(around.temporary)),
        *show("--ro-bind", around.read),
        *show("--bind", around.write),
        *("--remount-ro", "/", "--chdir", str(around.cwd), "--"),
        *command,
    ]


def _with_permissions(command: list[str], around: Surroundings) -> list[str]:
    """Node with permission for these files alone; for threads and native code, which a kernel needs; for no other program.

    A thread's own options would free it of all this: threads.cjs leaves it none.
    """

    def allow(what: str, paths: Iterable[Path]) -> list[str]:
        # Node may ask for a file by either path.
        named = [name for path in paths for part in _named(path) for name in (part, Path(os.path.realpath(part)))]
        return [f"--allow-fs-{what}={path}{os.sep if path.is_dir() else ''}" for path in dict.fromkeys(named)]

    program, *arguments = command
    write = [around.temporary, *around.write]
    return [
        program,
        *("--permission", "--allow-addons", "--allow-worker", "--disable-warning=SecurityWarning"),
        *("--require", str(THREADS)),
        *allow("read", [*around.read, *write, THREADS, ASKED_FOR]),
        *allow("write", write),
        *arguments,
    ]


def _named(path: Path) -> list[Path]:
    """The names that Node's permissions need for a file, or for all in a folder.

    Node follows links out of a folder, and one of the packages is a link to the whole project: the others are named.
    It finds a project's package.json only where it may read all of the project: that of the examiner, in which no line of
    a student's runs, and the copy for students' code.
    """
    if path.name == "package.json":
        return [path.parent]
    if path == ROOT / "node_modules":
        return [child for child in path.iterdir() if child.name != "sparselab"]
    return [path]


def _system() -> list[Path]:
    return [path for path in (*map(Path, SYSTEM), Path(node())) if path.exists()]
