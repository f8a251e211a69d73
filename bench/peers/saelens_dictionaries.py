"""SAELens' own trainer on the rows that Sparselab has written down, one architecture after another."""

import time
from importlib.metadata import version

import numpy as np
import torch
from common import WORK, floats, serve
from sae_lens import (
    BatchTopKTrainingSAE,
    BatchTopKTrainingSAEConfig,
    JumpReLUTrainingSAE,
    JumpReLUTrainingSAEConfig,
    MatryoshkaBatchTopKTrainingSAE,
    MatryoshkaBatchTopKTrainingSAEConfig,
    StandardTrainingSAE,
    StandardTrainingSAEConfig,
    TopKTrainingSAE,
    TopKTrainingSAEConfig,
)
from sae_lens.synthetic import mean_correlation_coefficient, train_toy_sae
from sae_lens.synthetic.evals import ClassificationMetricsCalculator

torch.set_num_threads(WORK["threads"])
SPEC, UNITS = WORK["dictionaries"], WORK["hiddenDim"]
DIM, K = SPEC["dim"], SPEC["k"]
ROWS = torch.from_numpy(floats(WORK["rows"], -1, DIM))
DICTIONARY = torch.from_numpy(floats(WORK["dictionary"], -1, DIM))
HELD_OUT = torch.from_numpy(floats(WORK["heldOut"], -1, DIM))
CODES = torch.from_numpy(floats(WORK["codes"], -1, SPEC["features"]))
SIZES = {"d_in": DIM, "d_sae": UNITS}


def sae_of(name):
    strengths = SPEC.get("strengths", {})
    match name:
        case "standard":
            return StandardTrainingSAE(StandardTrainingSAEConfig(**SIZES, l1_coefficient=strengths[name]))
        case "jumprelu":
            return JumpReLUTrainingSAE(JumpReLUTrainingSAEConfig(**SIZES, l0_coefficient=strengths[name]))
        case "topk":
            return TopKTrainingSAE(TopKTrainingSAEConfig(**SIZES, k=K))
        case "batchtopk":
            return BatchTopKTrainingSAE(BatchTopKTrainingSAEConfig(**SIZES, k=K))
        case "matryoshka":
            widths = [UNITS // 8, UNITS // 4, UNITS // 2, UNITS]
            return MatryoshkaBatchTopKTrainingSAE(
                MatryoshkaBatchTopKTrainingSAEConfig(**SIZES, k=K, matryoshka_widths=widths)
            )
    raise ValueError(name)


class AsTheyAre(torch.nn.Identity):
    """In place of SAELens' dictionary: what is stored are rows already, no codes."""

    feature_vectors = DICTIONARY


class Stored:
    """Batches of the rows, in another order in each epoch; in place of SAELens' generator."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.left = np.empty(0, dtype=np.int64)

    def __call__(self, batch_size):
        if len(self.left) < batch_size:
            self.left = self.random.permutation(len(ROWS))
        chosen, self.left = self.left[:batch_size], self.left[batch_size:]
        return ROWS[torch.from_numpy(chosen)]


def run(number):
    answer, seconds = {}, 0.0
    steps = len(ROWS) // WORK["batchSize"] * SPEC["epochs"]
    for name in SPEC["architectures"]:
        torch.manual_seed(number)
        sae = sae_of(name)
        started = time.perf_counter()
        train_toy_sae(
            sae,
            AsTheyAre(),
            Stored(number),
            training_samples=steps * WORK["batchSize"],
            batch_size=WORK["batchSize"],
            lr=3e-4,
        )
        seconds += time.perf_counter() - started
        with torch.no_grad():
            decoder, codes = sae.W_dec.detach(), sae.encode(HELD_OUT)
            detectors = ClassificationMetricsCalculator(decoder, DICTIONARY)
            detectors.add_batch(codes, CODES)
        answer |= {
            f"{name} mcc": mean_correlation_coefficient(decoder, DICTIONARY),
            f"{name} f1": detectors.compute().f1_score,
            f"{name} l0": (codes > 0).float().sum(1).mean().item(),
        }
    return {"seconds": seconds, **answer}


serve(run, version("sae-lens"))
