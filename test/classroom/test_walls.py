"""What student code can reach: the same attacks against each line of defence that this machine has, in one kernel."""

import json
import os
import socket
import stat
import sys
from pathlib import Path

import nbformat
import pytest

from classroom import jail
from classroom.jail import ROOT
from classroom.kernel_run import NotebookRun
from classroom.library import copy_for_students
from classroom.sandbox import Limits

#: Attacks by name, each an expression. It says `refused` where the system says no; what it says otherwise is its success.
#: OUTSIDE is a folder of the teacher's with a file `secret` and a socket `socket`; PORT a server on this machine, DATAGRAMS
#: one that takes datagrams; PID the grader.
ATTACKS = {
    "read a file": "text(fs.readFileSync('OUTSIDE/secret'))",
    "read it in a thread": "await inThread(Worker)",
    "read it in a thread of a thread": "await inThread(Worker, `const { Worker } = require('node:worker_threads'); new Worker(${JSON.stringify(THREAD)}, { eval: true, execArgv: [], env: {} })`)",
    "read it by the class of a thread": "await inThread(new Worker('', { eval: true }).constructor)",
    "read it by the class of Node's own thread": "(require('node:module').register('data:text/javascript,'), await inThread(await ownThread()))",
    "read it through a link": "(fs.symlinkSync('OUTSIDE/secret', SOCKETS + '/link'), text(fs.readFileSync(SOCKETS + '/link')))",
    "read it through a hard link": "(fs.linkSync('OUTSIDE/secret', SOCKETS + '/hard'), text(fs.readFileSync(SOCKETS + '/hard')))",
    "copy it": "(fs.copyFileSync('OUTSIDE/secret', SOCKETS + '/copy'), text(fs.readFileSync(SOCKETS + '/copy')))",
    "list a folder": "fs.readdirSync('OUTSIDE').join()",
    "list the home folder": "fs.readdirSync('HOME').join()",
    "find the teacher's folder": "fs.readdirSync(path.dirname('OUTSIDE')).includes('outside') || refuse()",
    "read the course": "text(fs.readFileSync('ROOT/notebooks/assignments/penalties/penalties.ipynb')).slice(0, 9)",
    "read the definitions": "require('ROOT/dist/assignments/definitions/penalties.js').l1Penalty.definition([[3]])",
    "read them by the package's link": "require('ROOT/node_modules/sparselab/dist/assignments/definitions/penalties.js').l1Penalty.definition([[3]])",
    "read the tests' part of the grader": "text(fs.readFileSync('ROOT/src/classroom/grade.py')).slice(0, 9)",
    "change the library": "fs.writeFileSync('ROOT/dist/assignments/verify.js', 'x')",
    "change the own copy of it": "fs.writeFileSync(path.join(path.dirname(require.resolve('sparselab')), 'index.js'), 'x')",
    "change a package": "fs.writeFileSync('ROOT/node_modules/tslab/package.json', 'x')",
    "change data": "fs.writeFileSync('ROOT/datasets/new', 'x')",
    "write a file": "fs.writeFileSync('OUTSIDE/new', 'x')",
    "append to a file": "fs.appendFileSync('OUTSIDE/secret', 'x')",
    "cut a file": "fs.truncateSync('OUTSIDE/secret')",
    "remove a file": "fs.unlinkSync('OUTSIDE/secret')",
    "rename a file": "fs.renameSync('OUTSIDE/secret', 'OUTSIDE/other')",
    "take a file away": "fs.renameSync('OUTSIDE/secret', SOCKETS + '/taken')",
    "make a folder": "fs.mkdirSync('OUTSIDE/folder')",
    "change a file's mode": "fs.chmodSync('OUTSIDE/secret', 0)",
    "change a file's owner": "fs.chownSync('OUTSIDE/secret', 12345, 12345)",
    "change a file's time": "fs.utimesSync('OUTSIDE/secret', 1, 1)",
    "watch a folder": "(fs.watch('OUTSIDE').close(), 'watched')",
    "reach a server": "await connect(PORT, '127.0.0.1')",
    "reach it by IPv6": "await connect(PORT, '::1')",
    "ask for a name": "(await require('node:dns').promises.lookup('example.org')).address",
    "send a datagram": "await new Promise((go, no) => { const s = require('node:dgram').createSocket('udp4').on('error', no); s.send('x', DATAGRAMS, '127.0.0.1', (e: any) => e ? no(e) : go(WALLED_OFF)); })",
    "serve the network": "await new Promise((go, no) => { const s = net.createServer().on('error', no).listen(0, '0.0.0.0', () => s.close(() => go(WALLED_OFF))); })",
    "reach a socket in a file": "await connect('OUTSIDE/socket')",
    "reach a socket with a name": "await connect('\\0NAME')",
    "kill the grader": "(process.kill(PID, 'SIGKILL'), 'killed')",
    "find the grader": "(process.kill(PID, 0), 'there')",
    "stop all processes": "(process.kill(-1, 'SIGSTOP'), 'stopped')",
    "slow the grader down": "(require('node:os').setPriority(PID, 19), 'slower')",
    "read what the grader was told": "text(fs.readFileSync('/proc/PID/environ')).slice(0, 9) || 'empty'",
    "read the grader's memory": "fs.openSync('/proc/PID/mem', 'r')",
    "enter its root": "fs.readdirSync('/proc/PID/root').join()",
    "run a shell": "run('/bin/sh', '-c', 'echo shell')",
    "run Python": "run('PYTHON', '-c', 'print(1)')",
    "use a disk": "fs.readdirSync('/dev').filter((name: string) => !/null|zero|random/.test(name)).join() || refuse()",
    "write to all kernels' settings": "fs.writeFileSync('/etc/sparselab', 'x')",
}

#: Attacks outside Node's permission model: they are not tried there, and the teacher's guide says so.
BEYOND_PERMISSIONS = {
    "reach a server",
    "reach it by IPv6",
    "ask for a name",
    "send a datagram",
    "serve the network",
    "reach a socket in a file",
    "reach a socket with a name",
    "kill the grader",
    "find the grader",
    "stop all processes",
    "slow the grader down",
}

CODE = """
const fs = require('node:fs'), net = require('node:net'), path = require('node:path');
const WALLED_OFF = 'refused: nobody can reach it';
const SOCKETS = path.dirname(process.argv.at(-1));
const text = String;
const refuse = (): never => { throw new Error('refused'); };
const run = (...[program, ...args]: string[]) => {
  const { error, stdout } = require('node:child_process').spawnSync(program, args, { encoding: 'utf8' });
  if (error) throw error;
  return stdout;
};
const connect = (...where: any[]) => new Promise((resolve, reject) => {
  const socket = (net.connect as any)(...where).on('error', reject).on('connect', () => { socket.destroy(); resolve('connected'); });
});
const { Worker } = require('node:worker_threads');
const THREAD = "require('node:fs').readFileSync('OUTSIDE/secret')";
const inThread = (Thread: any, code = THREAD) => new Promise((resolve, reject) => {
  new Thread(code, { eval: true, execArgv: [], env: {} }).on('error', reject).on('exit', resolve);
});
const ownThread = () => new Promise((resolve, reject) => {
  process.once('worker', (own: any) => resolve(Object.getPrototypeOf(own.constructor)));
  setTimeout(reject, 3000, new Error('there is none'));
});
const outcomes: Record<string, string> = {};
const attempt = async (name: string, work: () => any) => {
  try { outcomes[name] = String(await work()); } catch (error) { outcomes[name] = 'refused: ' + ((error as any).code ?? error); }
};
"""

LINES = [line for line in jail.LINES if jail.holds(line)]


@pytest.fixture(scope="module", params=LINES)
def outcomes(request, tmp_path_factory):
    """What came of every attack in one line of defence, and the teacher's folder after them."""
    folder = tmp_path_factory.mktemp("walls")
    outside = folder / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    name = f"sparselab-{os.getpid()}-{request.param}"
    with (
        pytest.MonkeyPatch.context() as patch,
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as listener,
        socket.socket(socket.AF_UNIX) as named,
        socket.socket(type=socket.SOCK_DGRAM) as datagrams,
    ):
        # The path of a socket is short.
        at = os.open(outside, os.O_PATH)
        listener.bind(f"/proc/self/fd/{at}/socket")
        os.close(at)
        named.bind(f"\0{name}")
        datagrams.bind(("127.0.0.1", 0))
        for waiting in (listener, named):
            waiting.listen()
        patch.setattr("classroom.sandbox.isolation", lambda: request.param)
        source = CODE + "\n".join(
            f"await attempt({json.dumps(attack)}, async () => {ATTACKS[attack]});"
            for attack in ATTACKS
            if request.param != "permission" or attack not in BEYOND_PERMISSIONS
        )
        for word, value in {
            "OUTSIDE": outside,
            "HOME": Path.home(),
            "ROOT": ROOT,
            "PORT": server.getsockname()[1],
            "DATAGRAMS": datagrams.getsockname()[1],
            "NAME": name,
            "PID": os.getpid(),
            "PYTHON": os.path.realpath(sys.executable),
        }.items():
            source = source.replace(word, str(value))
        cell = nbformat.v4.new_code_cell(f"{source}\nconsole.log(JSON.stringify(outcomes));")
        run = NotebookRun(Limits(cell_seconds=120), copy_for_students(folder / "project"))
        run.run([cell])
        with pytest.raises(BlockingIOError):
            datagrams.recv(1, socket.MSG_DONTWAIT)
    assert (run.notes, [output.get("evalue") for output in cell.outputs]) == ([], [None])
    return json.loads(cell.outputs[0].text), outside


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused(outcomes, attack):
    if attack not in outcomes[0]:
        pytest.skip("Node's permissions do not cover it")
    assert outcomes[0][attack].startswith("refused")


def test_after_all_of_them_the_teacher_s_folder_is_as_it_was(outcomes):
    outside = outcomes[1]
    assert sorted(path.name for path in outside.iterdir()) == ["secret", "socket"]
    assert (outside / "secret").read_text() == "secret"
    status = (outside / "secret").stat()
    assert stat.S_IMODE(status.st_mode) & 0o400
    assert status.st_mtime > 1
