"""Writes folders with SAELens 6.54, and in expected.json what SAELens computes with them.

    .cache/bench-venv/bin/python test/interchange/golden/saelens.py

writes those beside this file. The bench's environment has what it needs (`npm run bench` makes it). The weights are our own, from
PyTorch's generator.
"""

import json
import shutil
from pathlib import Path

import torch
from sae_lens import (
    SAE,
    BatchTopKTrainingSAE,
    BatchTopKTrainingSAEConfig,
    GatedSAE,
    GatedSAEConfig,
    JumpReLUSAE,
    JumpReLUSAEConfig,
    MatryoshkaBatchTopKTrainingSAE,
    MatryoshkaBatchTopKTrainingSAEConfig,
    StandardSAE,
    StandardSAEConfig,
    TopKSAE,
    TopKSAEConfig,
)


def of_size(d_in, d_sae):
    """One model per architecture and variant, by the name of its folder."""
    size = {"d_in": d_in, "d_sae": d_sae}
    return {
        "standard": StandardSAE(StandardSAEConfig(**size)),
        "standard-plain-input": StandardSAE(StandardSAEConfig(**size, apply_b_dec_to_input=False)),
        "standard-bfloat16": StandardSAE(StandardSAEConfig(**size, dtype="bfloat16")),
        "standard-float16": StandardSAE(StandardSAEConfig(**size, dtype="float16")),
        "standard-float64": StandardSAE(StandardSAEConfig(**size, dtype="float64")),
        "topk": TopKSAE(TopKSAEConfig(k=2, **size)),
        "topk-rescaled": TopKSAE(TopKSAEConfig(k=2, rescale_acts_by_decoder_norm=True, **size)),
        "jumprelu": JumpReLUSAE(JumpReLUSAEConfig(**size)),
        "gated": GatedSAE(GatedSAEConfig(**size)),
        "batchtopk": BatchTopKTrainingSAE(BatchTopKTrainingSAEConfig(k=2, **size)),
        "matryoshka": MatryoshkaBatchTopKTrainingSAE(
            MatryoshkaBatchTopKTrainingSAEConfig(k=2, **size, matryoshka_widths=[d_sae // 2, d_sae])
        ),
    }


def drawn(sae):
    """Other numbers than zeros everywhere, thresholds above 0."""
    with torch.no_grad():
        for name, parameter in sae.named_parameters():
            parameter.copy_(torch.randn_like(parameter).mul(0.5))
            if name == "threshold":
                parameter.abs_()
    if hasattr(sae, "topk_threshold"):
        sae.topk_threshold = torch.tensor(0.3, dtype=sae.topk_threshold.dtype)
    return sae


def computed(folder, x):
    """What SAELens computes with a folder, in float32."""
    sae = SAE.load_from_disk(folder, dtype="float32")
    with torch.no_grad():
        codes = sae.encode(x)
        return {"codes": codes.to_dense().tolist(), "reconstruction": sae.decode(codes).tolist()}


def write(place, d_in, d_sae, x):
    """Writes all folders into a place; what SAELens computes with each."""
    expected = {}
    for name, sae in of_size(d_in, d_sae).items():
        folder = place / name
        shutil.rmtree(folder, ignore_errors=True)
        save = getattr(drawn(sae), "save_inference_model", sae.save_model)
        save(folder)
        expected[name] = computed(folder, x)
    return expected


if __name__ == "__main__":
    torch.manual_seed(0)
    here = Path(__file__).parent
    x = torch.randn(8, 4).mul(100).round().div(100)
    folders = write(here, 4, 6, x)
    (here / "expected.json").write_text(json.dumps({"x": x.tolist(), "folders": folders}) + "\n")
