"""Prints recovery.json, beside this file: what SAELens 6.54 says of a small dictionary against a truth.

    .cache/bench-venv/bin/python test/features/golden/recovery.py

The bench's environment has what it needs (`npm run bench` makes it). All numbers are our own, from NumPy's generator.
"""

import json
from pathlib import Path

import numpy as np
import torch
from sae_lens.synthetic.evals import (
    ClassificationMetricsCalculator,
    DeadLatentsCalculator,
    L0Calculator,
    ShrinkageCalculator,
    feature_uniqueness,
    mean_correlation_coefficient,
)

UNITS, FEATURES, DIM, ROWS = 5, 7, 4, 40
random = np.random.default_rng(0)


def sparse(rows, columns, share):
    return np.round(random.uniform(0.5, 2, (rows, columns)) * (random.uniform(size=(rows, columns)) < share), 2)


decoder = np.round(random.normal(size=(UNITS, DIM)), 2)
dictionary = np.round(random.normal(size=(FEATURES, DIM)), 2)
truth = sparse(ROWS, FEATURES, 0.4)
codes = sparse(ROWS, UNITS, 0.3)
codes[:, 3] = 0
reconstruction = np.round(random.normal(size=(ROWS, DIM)), 2)

unit = torch.tensor(dictionary / np.linalg.norm(dictionary, axis=1, keepdims=True))
x = torch.tensor(truth) @ unit
detectors = ClassificationMetricsCalculator(torch.tensor(decoder), unit)
detectors.add_batch(torch.tensor(codes), torch.tensor(truth))
found = detectors.compute()
shrinkage, l0, true_l0, dead = ShrinkageCalculator(), L0Calculator(), L0Calculator(), DeadLatentsCalculator(UNITS)
shrinkage.add_batch(torch.tensor(reconstruction), x)
l0.add_batch(torch.tensor(codes))
true_l0.add_batch(torch.tensor(truth))
dead.add_batch(torch.tensor(codes))

Path(__file__).with_name("recovery.json").write_text(
    json.dumps(
        {
            "decoder": decoder.tolist(),
            "dictionary": dictionary.tolist(),
            "truth": truth.tolist(),
            "codes": codes.tolist(),
            "reconstruction": reconstruction.tolist(),
            "expected": {
                "mcc": mean_correlation_coefficient(torch.tensor(decoder), unit),
                "uniqueness": feature_uniqueness(torch.tensor(decoder), unit),
                "precision": found.precision,
                "recall": found.recall,
                "f1": found.f1_score,
                "shrinkage": shrinkage.compute(),
                "l0": l0.compute(),
                "trueL0": true_l0.compute(),
                "dead": dead.compute(),
            },
        },
    )
    + "\n"
)
