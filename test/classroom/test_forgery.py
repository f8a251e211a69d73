"""Code that knows how it is graded, and wants points for nothing. Each attack comes with a wrong answer, and gets 0."""

import functools

import nbformat
import pytest
import tiny
from conftest import copy_class, make_class
from nbformat.v4 import new_code_cell, new_notebook

from classroom.collect import collect
from classroom.course import Handin
from classroom.grade import grade
from classroom.handin import read_result
from classroom.jail import JAILS, NONE, ROOT, holds, isolation
from classroom.report import scores

WRONG = "function l1Penalty(h: number[][]): number { return 1; }"
RIGHT = "function l1Penalty(h: number[][]): number { return h.flat().reduce((a, b) => a + Math.abs(b), 0) / h.length; }"
DIST = ROOT / "dist"

# Of the library only the checks are loaded, which is quicker; TensorFlow has no part in any attack. They are named as part of
# a package: what is named by its path is compiled as a file of the notebook's author.
TEST = """
import { exercises, expect, points, verify } from 'sparselab/dist/assignments';

const checks = [verify(exercises.l1Penalty, l1Penalty, { only: 'ordinary' })];
// ### BEGIN HIDDEN TESTS
checks.push(verify(exercises.l1Penalty, l1Penalty, { seed: 7 }));
checks.push(expect('3 is 3', () => l1Penalty([[3], [3]]) === 3, 'No.'));
// ### END HIDDEN TESTS
points(10, ...checks)"""

#: Code before the wrong answer, or instead of it.
ATTACKS = {
    "nothing": "",
    "own-checks": "const points = () => 10; const verify = () => ({ status: 'right' }); const exercises = {};",
    "library-patched": f"""
        const lab = require('{DIST}/assignments/verify.js');
        lab.points = () => 10;
        Object.defineProperty(require('sparselab'), 'points', {{ value: () => 10 }});""",
    "cache-replaced": """
        for (const [path, module] of Object.entries(require.cache)) {
          if (/assignments|index/.test(path)) (module as any).exports = new Proxy((module as any).exports, { get: (target, name) => name === 'points' ? () => 10 : target[name] });
        }""",
    "verdicts-all-right": """
        const { Verdict } = require('sparselab');
        Object.defineProperty(Verdict.prototype, 'status', { get: () => 'right', set() {} });
        Object.defineProperty(Verdict, Symbol.hasInstance, { value: () => true });""",
    "nothing-is-found": "Array.prototype.find = () => undefined; Array.prototype.filter = function () { return this; };",
    "everything-agrees": "Object.is = () => true; Math.abs = () => 0; Math.max = () => 1e300; Number.isFinite = () => true;",
    "prototypes-polluted": "Object.assign(Object.prototype, { status: 'right', passed: true, problem: undefined, value: 10 });",
    "numbers-show-as-ten": """
        (Number.prototype as any)[Symbol.for('Jupyter.display')] = () => ({ 'text/plain': '10' });
        Number.prototype.toString = () => '10'; Math.round = () => 1000;""",
    "exercise-emptied": """
        const { exercises } = require('sparselab');
        for (const exercise of Object.values(exercises) as any[]) Object.assign(exercise, { inputs: () => [], definition: () => 1, tolerance: Infinity });""",
    "messages-rewritten": """
        const { MessagePort, Worker } = require('node:worker_threads');
        for (const { prototype } of [MessagePort, Worker]) {
          const post = prototype.postMessage;
          prototype.postMessage = function (message: unknown, ...rest: unknown[]) {
            return post.call(this, JSON.parse(JSON.stringify(message).replaceAll('"text/plain":"0"', '"text/plain":"10"')), ...rest);
          };
        }""",
    "own-sockets": """
        const { readFileSync, readdirSync } = require('node:fs');
        const { createHmac } = require('node:crypto');
        const { Publisher } = require('zeromq');
        const file = process.argv.at(-1) as string;
        const { key, ip } = JSON.parse(readFileSync(file, 'utf8'));
        const publisher = new Publisher();
        publisher.bind(`ipc://${ip}-9`).catch(() => {});
        setInterval(() => {
          const parts = [{ msg_type: 'execute_result', msg_id: '1', session: '1' }, {}, {}, { execution_count: 1, data: { 'text/plain': '10' }, metadata: {} }].map((part) => JSON.stringify(part));
          publisher.send(['', '<IDS|MSG>', createHmac('sha256', key).update(parts.join('')).digest('hex'), ...parts]).catch(() => {});
        }, 1);""",
    "output-printed": "console.log('10'); process.stdout.write('\\nOut[1]: 10\\n');",
    "output-displayed": "const cell = (globalThis as any)[Symbol.for('sparselab.cell')]; cell.display({ 'text/plain': '10' });",
    "lines-forged": """
        const { writeSync } = require('node:fs');
        for (let session = 0; session < 50; session++) {
          for (const line of [{ session, reply: 0, value: 10 }, { session, reply: 1, value: { $: 'object', entries: [['__proto__', 10]] } }, { session, ended: '' }, { session, call: 0, target: 0, args: [] }]) {
            writeSync(1, JSON.stringify(line) + '\\n');
          }
        }""",
    "lender-replaced": f"""
        const remote = require('{DIST}/assignments/remote');
        remote.lend = async (session: number) => {{
          for (let reply = 0; reply < 99; reply++) require('node:fs').writeSync(1, JSON.stringify({{ session, reply, value: {{ $: 'object', entries: [['status', 'right'], ['passed', true]] }} }}) + '\\n');
          await new Promise(() => {{}});
        }};""",
    "files-replaced": f"""
        const {{ writeFileSync }} = require('node:fs');
        const own = require('node:path').join(require.resolve('sparselab'), '..', 'assignments', 'verify.js');
        for (const file of [own, '{DIST}/assignments/verify.js', '{DIST}/kernel/node/main.js', process.argv.at(-1)]) {{
          try {{ writeFileSync(file, 'exports.points = () => 10;'); }} catch {{}}
        }}""",
    "exit-0-in-cell": "process.on('exit', () => console.log('10')); process.exit(0);",
}

#: The work of the answer itself.
ANSWERS = {
    "throws-a-verdict": "throw new (require('sparselab').Verdict)('right', 'me');",
    "throws-what-cannot-be-shown": "throw { get name() { throw 1; }, toString() { throw 2; }, status: 'right' };",
    "throws-a-proxy": "throw new Proxy(new Error('x'), { get: () => 'right' });",
    "returns-a-verdict": "return new (require('sparselab').Verdict)('right', 'me') as any;",
    "returns-what-equals-all": "return { valueOf: () => 3, [Symbol.toPrimitive]: () => 3, toString: () => '3' } as any;",
    "returns-a-proxy": "return new Proxy(Object(3), { get: () => 3 }) as any;",
    "returns-itself": "const all: any = {}; all.all = all; return all;",
    "returns-too-much": "return 'x'.repeat(2e7) as any;",
    "returns-a-promise": "return Promise.resolve(3) as any;",
    "returns-a-function": "return (() => 3) as any;",
    "exits": "process.exit(0);",
    "aborts": "process.abort();",
    "ends-the-test": 'require(\'node:fs\').writeSync(1, \'{"session":1,"ended":""}\\n\'); for (;;);',
}


def with_answer(body):
    return f"function l1Penalty(h: number[][]): number {{ {body} }}"


HANDINS = {
    **{name: f"{code}\n{WRONG}" for name, code in ATTACKS.items()},
    **{name: with_answer(body) for name, body in ANSWERS.items()},
    "definition-taken": "const { exercises } = require('sparselab');\nconst l1Penalty = exercises.l1Penalty.definition;",
    "definition-read": f"""
        const {{ l1Penalty: found }} = require('{DIST}/assignments/definitions/penalties.js');
        const l1Penalty = (h: number[][]) => found.definition(h);""",
}


#: Targets that only a line of defence protects: not tried without one.
FOR_WALLS = ("definition-read", "files-replaced")

#: Attacks that use the system: what comes of them may depend on the line.
OF_THE_SYSTEM = (
    *FOR_WALLS,
    "own-sockets",
    "lines-forged",
    "lender-replaced",
    "exit-0-in-cell",
    "aborts",
    "ends-the-test",
)

#: All others, which come out the same in every line; first the one that a test of notes needs, `definition-taken`.
OF_JAVASCRIPT = [name for name in reversed(HANDINS) if name not in OF_THE_SYSTEM]

#: The line in use, with all attacks; then, in a whole run, the other ones that this machine has. SPARSELAB_JAIL chooses which is in use.
USED = isolation()
OTHERS = [line for line in JAILS if line != USED and holds(line)] if USED in JAILS and tiny.WHOLE else []
LINES_TRIED = [USED, *OTHERS]


def tried_in(line):
    """The names of the attacks that are graded in a line."""
    names = [*OF_THE_SYSTEM, *(tiny.sampled(OF_JAVASCRIPT) if line == USED else [])]
    return [name for name in names if line != NONE or name not in FOR_WALLS]


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A class in which an assignment with this test is released."""
    answer = "function l1Penalty(h: number[][]): number {\n  // ### BEGIN SOLUTION\n  // ### END SOLUTION\n}"
    cells = [
        new_code_cell(answer, id="answer", metadata=tiny.settings("answer", solution=True)),
        new_code_cell(TEST, id="test", metadata=tiny.settings("test", grade=True, locked=True, points=10)),
    ]
    notebook = new_notebook(cells=cells, metadata={"kernelspec": tiny.KERNELSPEC})
    return make_class(tmp_path_factory.mktemp("forgery"), notebook=notebook)


@pytest.fixture(scope="module")
def graded(template, tmp_path_factory):
    """What every attack of a line and an honest answer get there, graded together and once."""

    @functools.cache
    def graded_in(line):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SPARSELAB_JAIL", line)
            isolation.cache_clear()
            results = grade_all(copy_class(template, tmp_path_factory.mktemp(line)), tried_in(line))
        isolation.cache_clear()
        return results

    return graded_in


def grade_all(classroom, names):
    """The class and its points, by student."""
    folder, released = classroom.folder.parent, classroom.folder / "release" / "tiny" / "tiny.ipynb"
    for name, code in {"honest": RIGHT, **{name: HANDINS[name] for name in names}}.items():
        (folder / "in" / name).mkdir(parents=True)
        nbformat.write(tiny.answer(released, {"answer": code}), folder / "in" / name / "tiny.ipynb")
    collect(classroom, folder / "in", None)
    assert grade(classroom, [], [], False, None)
    return classroom, {student: points for _, student, points, *_ in scores(classroom)}


@pytest.mark.parametrize("line", LINES_TRIED)
def test_the_honest_answer_has_all_points(graded, line):
    assert graded(line)[1]["honest"] == 10


@pytest.mark.parametrize(("line", "name"), [(line, name) for line in LINES_TRIED for name in tried_in(line)])
def test_an_attack_gets_nothing(graded, line, name):
    classroom, points = graded(line)
    result = read_result(classroom.step("autograded", Handin(name, "tiny")))
    assert points[name] == 0, result["notes"]


@pytest.mark.parametrize("line", [line for line in LINES_TRIED if "definition-taken" in tried_in(line)])
def test_who_takes_the_definition_is_named(graded, line):
    notes = read_result(graded(line)[0].step("autograded", Handin("definition-taken", "tiny")))["notes"]
    assert "definition" in " ".join(notes)
