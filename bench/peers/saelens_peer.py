"""SAELens itself on its tutorial's synthetic data: 16 orthogonal features in 32 dimensions, 10 M samples."""

import time
from importlib.metadata import version

import torch
from common import WORK, serve
from sae_lens import StandardTrainingSAE, StandardTrainingSAEConfig
from sae_lens.synthetic import (
    ActivationGenerator,
    FeatureDictionary,
    mean_correlation_coefficient,
    orthogonal_initializer,
    train_toy_sae,
)

torch.set_num_threads(WORK["threads"])
FEATURES, DIM = 16, 32


def run(number):
    torch.manual_seed(number)
    features = FeatureDictionary(FEATURES, DIM, bias=False, initializer=orthogonal_initializer())
    activations = ActivationGenerator(
        num_features=FEATURES, firing_probabilities=0.25, std_firing_magnitudes=0.05, mean_firing_magnitudes=1.0
    )
    sae = StandardTrainingSAE(
        StandardTrainingSAEConfig(d_in=DIM, d_sae=WORK["hiddenDim"], l1_coefficient=WORK["strengths"][0])
    )
    start = time.perf_counter()
    train_toy_sae(sae, features, activations, training_samples=10_000_000, batch_size=WORK["batchSize"], lr=3e-4)
    seconds = time.perf_counter() - start
    with torch.no_grad():
        truth = activations(100_000)
        x = features(truth)
        h = sae.encode(x)
        return {
            "seconds": seconds,
            "loss": ((sae.decode(h) - x) ** 2).sum(1).mean().item(),
            "mcc": mean_correlation_coefficient(sae.W_dec, features.feature_vectors),
            "l0": (h > 0).float().sum(1).mean().item(),
            "trueL0": (truth > 0).float().sum(1).mean().item(),
        }


serve(run, version("sae-lens"))
