"""A kernel for code that nobody vouches for: a process of its own, with limits, and without the teacher's files.

Where there is a jail (jail.py) it also runs in that. Elsewhere it has the limits and the clean environment only.
"""

import contextlib
import json
import os
import queue
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import uuid
from pathlib import Path
from typing import Any

import psutil
from jupyter_client import BlockingKernelClient
from traitlets import Bool, Integer
from traitlets.config import Configurable

from .folders import is_larger, remove
from .jail import ROOT, Surroundings, confined, environment, isolation, node
from .library import link, parts
from .lines import Lines
from .stopwatch import Stopwatch

MB = 1024 * 1024


class Limits(Configurable):
    """Resource limits of a hand-in. Set in notebooks/assignments/nbgrader_config.py."""

    cell_seconds = Integer(30, help="The longest that a cell may compute.").tag(config=True)
    notebook_seconds = Integer(180, help="The longest that all cells together may compute, new starts included.").tag(
        config=True
    )
    patience = Integer(4, help="How many times longer each may take by the clock, waiting or on a busy machine.").tag(
        config=True
    )
    start_seconds = Integer(60, help="The longest that a kernel may compute to start.").tag(config=True)
    memory_mb = Integer(3072, help="The memory of all its processes together.").tag(config=True)
    heap_mb = Integer(1024, help="JavaScript's heap.").tag(config=True)
    file_mb = Integer(32, help="The size of a file that it writes.").tag(config=True)
    processes = Integer(64, help="How many processes it may be at once.").tag(config=True)
    output_kb = Integer(200, help="Limits of a cell's stored output.").tag(config=True)
    types = Bool(
        True,
        help="Whether a cell's types are checked before it runs, as at home; without, grading takes a third of the time.",
    ).tag(config=True)
    restarts = Integer(6, help="How often a kernel that ended is restarted.").tag(config=True)


#: Where to look if there is no kernel.
HELP = " (does npm run doctor find everything?)"


class KernelEnded(Exception):
    """The kernel is no longer there; the message says why, as far as that is known."""


class KernelNotStarted(Exception):
    """There is no kernel, before any of the hand-in's code has run: nobody's points may suffer for it."""


class SandboxedKernel:
    """A kernel that runs a hand-in's cells. After `stop` no process of it is left."""

    def __init__(self, limits: Limits, files: Path | None = None, project: Path = ROOT, untyped: bool = False):
        """
        @param files copied to where the kernel starts
        @param project whose library it uses: this one, or the copy for students' code (library.py)
        @param untyped compiles cells without a look at their types, which takes a third of the time
        """
        self.limits = limits
        self.project = project
        self._untyped = untyped
        self.folder = Path(tempfile.mkdtemp(prefix="sparselab-"))
        self._reason: str | None = None
        self._process: subprocess.Popen | None = None
        self.client = BlockingKernelClient()
        self._done = threading.Event()
        self._sockets, self._temporary, self._notebooks = (
            self.folder / name for name in ("sockets", "tmp", "notebooks")
        )
        for folder in (self._sockets, self._temporary, self._notebooks):
            folder.mkdir()
        link(project / "node_modules", self.folder / "node_modules")
        if files is not None:
            shutil.copytree(files, self._notebooks, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.ipynb"))

    def start(self) -> "SandboxedKernel":
        """Starts it and waits until it answers.

        @raises KernelNotStarted if it does not
        """
        try:
            self._start()
            self._wait_for_answer()
            self._limit_memory()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Ends it, also one that has not quite started."""
        self._done.set()
        self.client.stop_channels()
        if self._process is not None:
            self.kill("")
            self._process.wait()
            self.lines.close()
        remove(self.folder)

    def check_alive(self) -> None:
        """@raises KernelEnded if the kernel is gone."""
        if self._reason is None and self._process.poll() is None:
            return
        raise KernelEnded(
            self._reason or "The code ended the kernel's process (process.exit, a crash or no memory left)."
        )

    def send(self, source: str) -> str:
        """Lets the kernel run code; returns the request's id."""
        return self.client.execute(source, allow_stdin=False, stop_on_error=False)

    def receive(self, request: str, timeout: float) -> dict[str, Any] | None:
        """The next message that the kernel has published; `None` if it belongs to another request.

        @raises queue.Empty if none comes in time
        @raises KernelEnded if it cannot be read
        """
        try:
            message = self.client.get_iopub_msg(timeout=timeout)
        except queue.Empty:
            raise
        except Exception as broken:  # What a kernel sends is the hand-in's to choose.
            raise KernelEnded(f"The kernel sent something unreadable ({type(broken).__name__}).") from broken
        return message if message["parent_header"].get("msg_id") == request else None

    def cpu_seconds(self) -> float:
        """The processor time that its processes have used so far."""
        return sum(map(_cpu_seconds, self._descendants()))

    def kill(self, reason: str) -> None:
        """Ends the kernel and all it has started."""
        self._reason = self._reason or reason
        for process in [*self._descendants(), self._process]:
            # It may just have ended by itself.
            with contextlib.suppress(psutil.Error, OSError):
                process.kill()

    def _start(self) -> None:
        connection = _connection(self._sockets)
        file = self._sockets / "connection.json"
        file.write_text(json.dumps(connection), encoding="utf-8")
        command = [
            node(),
            "--no-force-async-hooks-checks",
            f"--max-old-space-size={self.limits.heap_mb}",
            str(self.project / "dist" / "kernel" / "node" / "main.js"),
            str(file),
            *(["--untyped"] if self._untyped else []),
        ]
        around = Surroundings(
            temporary=self._temporary,
            cwd=self._notebooks,
            read=[*parts(self.project), self.folder / "node_modules", self._notebooks],
            write=[self._sockets],
        )
        self._process = subprocess.Popen(
            confined(isolation(), command, around, self._system_limits()),
            cwd=around.cwd,
            env=environment(self._temporary),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # A signal to its own group must not reach us: groups go beyond the jail's table of processes.
            start_new_session=True,
        )
        self.lines = Lines(self._process, lambda: self.kill("The code sent too much at once to the tests."))
        threading.Thread(target=self._watch, daemon=True).start()
        self.client.load_connection_info(connection)
        self.client.start_channels(hb=False, stdin=False)

    def _wait_for_answer(self) -> None:
        limits, clock = self.limits, Stopwatch(self.cpu_seconds, self.limits.patience)
        while not self._answers():
            code = self._process.poll()
            if code is not None:
                raise KernelNotStarted(
                    f"the kernel did not start: {self._reason or f'its process ended with {code}'}{HELP}"
                )
            if clock.is_past(limits.start_seconds):
                raise KernelNotStarted(f"the kernel did not answer in {limits.start_seconds} s{HELP}")

    def _answers(self) -> bool:
        try:
            self.client.wait_for_ready(timeout=2)
        except RuntimeError:
            return False
        return True

    def _system_limits(self) -> dict[str, int]:
        """Limits that the operating system applies to each of its processes."""
        limits = self.limits
        return {
            "RLIMIT_CORE": 0,
            "RLIMIT_FSIZE": limits.file_mb * MB,
            "RLIMIT_NOFILE": 512,
            "RLIMIT_CPU": limits.notebook_seconds * 2 * (os.cpu_count() or 1),
        }

    def _limit_memory(self) -> None:
        """Lets Linux refuse what a process wants beyond what it has now, before the hand-in's code has run.

        A limit of the whole would be one of Node: version 20 begins with 0.2 GB, version 24 with 1.8 GB, as each of its
        threads reserves 0.5 GB for machine code, of which it uses next to nothing.
        """
        if sys.platform != "linux":
            return
        for process in self._descendants():
            with contextlib.suppress(psutil.NoSuchProcess):
                limit = process.memory_info().data + self.limits.memory_mb * MB
                process.rlimit(psutil.RLIMIT_DATA, (limit, limit))

    def _watch(self) -> None:
        """Checks, four times a second, the limits that the operating system does not apply to a group of processes."""
        limits = self.limits
        while not self._done.wait(0.25) and self._process.poll() is None:
            processes = self._descendants()
            if len(processes) > limits.processes:
                self.kill(f"The code started more than {limits.processes} processes.")
            if sum(map(_memory, processes)) > limits.memory_mb * MB:
                self.kill(f"The code used more than {limits.memory_mb} MB of memory.")
            if any(is_larger(folder, limits.file_mb * MB) for folder in (self._sockets, self._temporary)):
                self.kill(f"The code wrote more than {limits.file_mb} MB of files.")

    def _descendants(self) -> list[psutil.Process]:
        try:
            process = psutil.Process(self._process.pid)
            return [process, *process.children(recursive=True)]
        except psutil.Error:
            return []


def is_idle(message: dict[str, Any]) -> bool:
    """Whether the kernel says that a request is done."""
    return message["msg_type"] == "status" and message["content"].get("execution_state") == "idle"


def _connection(folder: Path) -> dict[str, Any]:
    """How to reach a kernel: by sockets in a folder, as the kernel sees it; on Windows by ports of this machine."""
    on_windows = sys.platform == "win32"
    return {
        "transport": "tcp" if on_windows else "ipc",
        "ip": "127.0.0.1" if on_windows else str(folder / "k"),
        "key": uuid.uuid4().hex,
        "signature_scheme": "hmac-sha256",
        **_ports(),
    }


def _ports() -> dict[str, int]:
    names = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
    if sys.platform != "win32":
        return {name: number for number, name in enumerate(names, 1)}
    return {name: free_port() for name in names}


def free_port() -> int:
    """A port on this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def is_open(port: int) -> bool:
    """Whether somebody listens on this machine's port."""
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def _memory(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def _cpu_seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0
    return times.user + times.system
