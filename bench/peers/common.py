"""What the Python contenders share: their work, the data, and the conversation with bench/contender.ts."""

import json
import sys
import time

import numpy as np

WORK = json.loads(sys.argv[1])
INPUT, EXAMPLES = 784, 60000


def floats(path, *shape):
    return np.fromfile(path, dtype=np.float32).reshape(shape)


def images():
    """MNIST as float32 in [0, 1], [60000, 784]."""
    return np.fromfile(WORK["images"], dtype=np.uint8).reshape(EXAMPLES, INPUT).astype(np.float32) * np.float32(1 / 255)


def parameters():
    """The first parameters, the same for every contender and strength."""
    hidden = WORK["hiddenDim"]
    values = np.fromfile(WORK["parameters"], dtype=np.float32)
    shapes = {"We": (INPUT, hidden), "be": (hidden,), "Wd": (hidden, INPUT), "bd": (INPUT,)}
    result, start = {}, 0
    for name, shape in shapes.items():
        size = int(np.prod(shape))
        result[name] = values[start : start + size].reshape(shape).copy()
        start += size
    return result


def order(run):
    """The rows of the epoch's whole batches, [steps, batchSize]."""
    size = WORK["batchSize"]
    rows = np.fromfile(WORK["order"], dtype=np.int32).reshape(-1, EXAMPLES)
    rows = rows[run % len(rows)]
    return rows[: EXAMPLES // size * size].reshape(-1, size).astype(np.int64)


def serve(run, version):
    """Answers every request for a run with its seconds and what else `run(number)` returns."""
    print(json.dumps({"ready": version}), flush=True)
    for line in sys.stdin:
        number = json.loads(line)["run"]
        start = time.perf_counter()
        answer = run(number)
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, **answer}), flush=True)
