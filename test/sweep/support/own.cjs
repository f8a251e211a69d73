/** What a user of sweeps might write: trainers, a penalty, a data set and a metric in a module of the project. */
const { appendFileSync, existsSync, readFileSync, writeFileSync } = require('node:fs');
const { connect } = require('node:net');
const { dirname, join } = require('node:path');
const { Dataset } = require('sparselab');

/** A trainer that is done at once: (x − 3)². Writes a line for each call if `log` names a file. */
exports.parabola = ({ x, seed = 0, log }) => {
  if (log) appendFileSync(log, `${x} ${seed}\n`);
  if (x === 13) throw new Error('13 brings bad luck');
  return { loss: (x - 3) ** 2, l0: x };
};

exports.slowParabola = async (settings) => {
  const result = exports.parabola(settings);
  await new Promise((resolve) => setTimeout(resolve, 20));
  return result;
};

/** Numbers that JSON does not hold, 1/x and −x. */
exports.extremes = ({ x }) => ({ inverse: 1 / x, negative: -x });

/** Connects to a port, and from then on neither hears anything nor ends. */
exports.deaf = ({ port }) =>
  new Promise(() => {
    connect(port, '127.0.0.1', () => {
      for (;;);
    });
  });

/** Throws what is no error, or says nothing, or cannot even be made a text. */
exports.thrower = ({ what }) => {
  if (what === 'text') throw 'just a text';
  if (what === 'nothing') throw new Error();
  throw Object.create(null);
};

/** Speaks to whoever started its process. */
exports.babbler = ({ x }) => {
  if (x === 0) process.send?.(null);
  if (x === 1) process.send?.({ type: 'result', index: 0, result: { rubbish: 1 } });
  return new Promise((resolve) => {
    setTimeout(() => resolve({ loss: x }), x === 2 ? 0 : 1000);
  });
};

exports.notNumbers = () => ({ loss: 'low' });

/** Waits until a file is there; the first `free` do not. */
exports.gate = async ({ x, file, free = 0 }) => {
  // A test that has ended takes the folder away, perhaps before anybody saw the file in it.
  const isShut = () => existsSync(dirname(file)) && !existsSync(file);
  while (x >= free && isShut()) await new Promise((resolve) => setTimeout(resolve, 10));
  return { passed: x };
};

exports.sleeper = ({ milliseconds }) =>
  new Promise((resolve) => {
    setTimeout(() => resolve({ slept: milliseconds }), milliseconds);
  });

/** Kills its process; if `marker` names a file, only where that is not there yet. */
exports.killer = ({ x, marker }) => {
  if (x === 0 && !(marker && existsSync(marker))) {
    if (marker) writeFileSync(marker, '');
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => {});
  }
  return { loss: x };
};

/** Takes memory until it is stopped. */
exports.glutton = () => {
  const taken = [];
  for (;;) taken.push(Buffer.alloc(10_000_000, 1));
};

exports.twoPoints = ({ count }) =>
  Dataset.fromRows(Array.from({ length: count }, (_, row) => [row % 2, 1 - (row % 2)]));

/** Data that are a file next to this module. */
exports.points = () => Dataset.fromRows(JSON.parse(readFileSync(join(__dirname, 'points.json'), 'utf8')));

/** L1 times the square of a setting of its own. */
exports.squaredStrength = ({ root }) => ({
  name: 'L1, squared strength',
  strength: root ** 2,
  term: (activations) => activations.abs().sum(1).mean(),
});

exports.rowsSeen = (model, data, { factor = 1 }) => factor * model.encode(data).shape[0];
