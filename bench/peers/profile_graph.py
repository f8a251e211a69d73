"""Runs a training graph of Sparselab with TensorFlow's own profile, and prints what the operations of a step take."""

import json
import os
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import config_pb2, saved_model_pb2

WORK = json.loads(sys.argv[1])
INPUT, HIDDEN, BATCH, EXAMPLES = (WORK[key] for key in ("input", "hiddenDim", "batchSize", "examples"))
STEPS, RUNS = 64, 8
SHAPES = {
    "encoderWeights": (INPUT, HIDDEN),
    "encoderBias": (HIDDEN,),
    "decoderWeights": (HIDDEN, INPUT),
    "decoderBias": (INPUT,),
}
CONFIG = tf.compat.v1.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=os.cpu_count())
random = np.random.default_rng(0)


def graph_def():
    model = saved_model_pb2.SavedModel()
    model.ParseFromString((Path(WORK["folder"]) / "saved_model.pb").read_bytes())
    return model.meta_graphs[0].graph_def


def start(definition):
    """A session whose variables hold random examples and weights."""
    graph = tf.Graph()
    with graph.as_default():
        tf.import_graph_def(definition, name="")
    session = tf.compat.v1.Session(graph=graph, config=CONFIG)
    rows = random.integers(0, 256, (EXAMPLES, INPUT)) * (random.random((EXAMPLES, INPUT)) < 0.2)
    session.run("examples_allocated:0", {"example_count:0": EXAMPLES})
    written = {"chunk_rows:0": np.arange(EXAMPLES, dtype=np.int32), "example_chunk:0": rows.astype(np.uint8)}
    session.run("examples_written:0", written)
    names = [node.name for node in definition.node if node.name.startswith("assign/")]
    values = {f"{name}:0": first(name) for name in names}
    session.run("state_assigned:0", values)
    return session


def first(name):
    """Small weights, and moments of zero."""
    shape = SHAPES[name.split("/")[-1]]
    size = 0.05 if "parameters/" in name else 0
    return (size * random.standard_normal(shape)).astype(np.float32)


def run(session, **how):
    # ε̂, step size, β₁, β₂, λ and weight decay.
    row = np.array([1e-8, 1e-3, 0.9, 0.999, 1e-4, 0] * WORK["models"], dtype=np.float32)
    feeds = {
        "batches:0": random.integers(0, EXAMPLES, STEPS * BATCH).astype(np.int32),
        "schedule:0": np.tile(row, (STEPS, 1)),
    }
    return session.run(f"losses/{BATCH}:0", feeds, **how)


def profile(session):
    """Of each node that runs in every step: its kind, how often it runs in a step, and its µs each time."""
    options = config_pb2.RunOptions(trace_level=config_pb2.RunOptions.FULL_TRACE, output_partition_graphs=True)
    medians, counts, kinds = defaultdict(list), {}, {}
    for _ in range(RUNS):
        found = config_pb2.RunMetadata()
        run(session, options=options, run_metadata=found)
        kinds = {node.name: node.op for graph in found.partition_graphs for node in graph.node}
        times = defaultdict(list)
        for device in found.step_stats.dev_stats:
            for node in device.node_stats:
                times[node.node_name].append((node.op_end_rel_nanos - node.op_start_rel_nanos) / 1000)
        for name, each in times.items():
            medians[name].append(np.median(each))
            counts[name] = len(each) / STEPS
    return [(kinds.get(name, name), counts[name], min(each)) for name, each in medians.items() if counts[name] > 0.9]


def best_step(session):
    """The µs of a step without a profile."""
    times = []
    for _ in range(5 * RUNS):
        begun = time.perf_counter()
        run(session)
        times.append((time.perf_counter() - begun) / STEPS * 1e6)
    return min(times)


def empty_node(count=100):
    """The µs that a node takes which does next to nothing: a loop of chains of negations of one number."""
    config = config_pb2.ConfigProto()
    config.CopyFrom(CONFIG)
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    with tf.Graph().as_default():
        tf.compat.v1.disable_control_flow_v2()

        def chain(index, value):
            for _ in range(count):
                value = -value
            return index + 1, value

        _, last = tf.compat.v1.while_loop(lambda index, _: index < STEPS, chain, [0, 1.0])
        with tf.compat.v1.Session(config=config) as session:
            times = []
            for _ in range(5 * RUNS):
                begun = time.perf_counter()
                session.run(last)
                times.append(time.perf_counter() - begun)
    return min(times) / STEPS / count * 1e6


tf.compat.v1.disable_eager_execution()
training = start(graph_def())
run(training)
nodes = profile(training)
models = f", {WORK['models']} models" if WORK["models"] > 1 else ""
total = sum(count * each for _, count, each in nodes)
print(
    f"\nH={HIDDEN} B={BATCH}{models}, {WORK['precision']}: {sum(count for _, count, _ in nodes):.0f} nodes a step,",
    end=" ",
)
print(f"their operations {total:.0f} µs together; a step takes {best_step(training):.0f} µs;", end=" ")
print(f"an empty node {empty_node():.2f} µs")
by_kind = defaultdict(lambda: [0.0, 0.0])
for kind, count, each in nodes:
    by_kind[kind][0] += count
    by_kind[kind][1] += count * each
for kind, (count, sum_) in sorted(by_kind.items(), key=lambda entry: -entry[1][1]):
    if sum_ > total / 100:
        print(f"  {kind:24} {count:4.0f} nodes {sum_:8.1f} µs")
