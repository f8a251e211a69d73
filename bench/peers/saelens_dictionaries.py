"""
SAELens' own trainer, one architecture after another: on the rows that Sparselab has written down, or, where rows are made on
the way, on those of its own generator with the law and the sizes of Sparselab's truth.
"""

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
from sae_lens.synthetic.firing_magnitudes import FoldedNormalMagnitudeConfig, LinearMagnitudeConfig
from sae_lens.synthetic.firing_probabilities import ZipfianFiringProbabilityConfig
from sae_lens.synthetic.hierarchy import HierarchyConfig
from sae_lens.synthetic.synthetic_model import (
    LowRankCorrelationConfig,
    OrthogonalizationConfig,
    SyntheticModel,
    SyntheticModelConfig,
)

torch.set_num_threads(WORK["threads"])
SPEC, UNITS = WORK["dictionaries"], WORK["hiddenDim"]
DIM, K = SPEC["dim"], SPEC["k"]
ROWS = torch.from_numpy(floats(WORK["rows"], -1, DIM)) if SPEC["rows"] == "stored" else None
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
            window = {"jumprelu_init_threshold": 0.1, "jumprelu_bandwidth": 0.5}
            return JumpReLUTrainingSAE(JumpReLUTrainingSAEConfig(**SIZES, **window, l0_coefficient=strengths[name]))
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


class Made:
    """Batches made on the way by SAELens' generator."""

    def __init__(self, seed):
        self.model = SyntheticModel(
            SyntheticModelConfig(
                num_features=SPEC["features"],
                hidden_dim=DIM,
                firing_probability=ZipfianFiringProbabilityConfig(0.5, 0.4, 5e-4),
                hierarchy=HierarchyConfig(
                    total_root_nodes=SPEC["features"] // 128,
                    branching_factor=4,
                    max_depth=3,
                    mutually_exclusive_portion=1.0,
                    compensate_probabilities=True,
                ),
                orthogonalization=OrthogonalizationConfig(100, 3e-4),
                correlation=LowRankCorrelationConfig(25, 0.1),
                mean_firing_magnitudes=LinearMagnitudeConfig(5.0, 4.0),
                std_firing_magnitudes=FoldedNormalMagnitudeConfig(0.5, 0.5),
                bias=0.5,
                seed=seed,
            )
        )
        # The faster of its two ways at this size.
        self.model.use_sparse_tensors = True

    @torch.no_grad()
    def __call__(self, batch_size):
        return self.model.sample(batch_size)


def codes_of(sae):
    """The held-out rows' codes as at inference: above the threshold that training has found, where there is one."""
    if not isinstance(sae, BatchTopKTrainingSAE):
        return sae.encode(HELD_OUT)
    _, pre = sae.encode_with_hidden_pre(HELD_OUT)
    return pre.relu() * (pre > sae.topk_threshold)


def run(number):
    answer, seconds = {}, 0.0
    steps = SPEC["samples"] // WORK["batchSize"] * SPEC["epochs"]
    for name in SPEC["architectures"]:
        torch.manual_seed(number)
        sae = sae_of(name)
        batches = Made(number) if ROWS is None else Stored(number)
        started = time.perf_counter()
        train_toy_sae(
            sae,
            AsTheyAre(),
            batches,
            training_samples=steps * WORK["batchSize"],
            batch_size=WORK["batchSize"],
            lr=WORK.get("learningRate", 3e-4),
        )
        seconds += time.perf_counter() - started
        if ROWS is None:
            continue
        with torch.no_grad():
            decoder, codes = sae.W_dec.detach(), codes_of(sae)
            detectors = ClassificationMetricsCalculator(decoder, DICTIONARY)
            detectors.add_batch(codes, CODES)
        answer |= {
            f"{name} mcc": mean_correlation_coefficient(decoder, DICTIONARY),
            f"{name} f1": detectors.compute().f1_score,
            f"{name} l0": (codes > 0).float().sum(1).mean().item(),
        }
    return {"seconds": seconds, **answer}


serve(run, version("sae-lens"))
