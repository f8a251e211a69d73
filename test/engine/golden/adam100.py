"""Writes adam100.json: parameters after 100 steps of torch.optim.Adam in float64, for test/engine/golden.test.ts.

Run with PyTorch 2.13.0:  python test/engine/golden/adam100.py

Everything that goes in is arithmetic that the test repeats: no random numbers, no file.
"""

import json
import math
from pathlib import Path

import torch

torch.set_default_dtype(torch.float64)
INPUT, HIDDEN, EXAMPLES, BATCH, STEPS, RATE = 12, 7, 50, 16, 100, 0.003


def wave(rows, columns, phase, size):
    """Numbers that look irregular, rounded to float32 as the engines get them."""
    values = [size * math.sin(phase + 1.7 * i + 0.3 * i * i) for i in range(rows * columns)]
    return torch.tensor(values, dtype=torch.float32).double().reshape(rows, columns)


def f32(value):
    return float(torch.tensor(value, dtype=torch.float32))


def l1(h):
    return h.abs().sum(1).mean()


def kl(h, rho=f32(0.1)):
    mean = h.mean(0)
    return (rho * torch.log(rho / mean) + (1 - rho) * torch.log((1 - rho) / (1 - mean))).sum()


def root(h):
    return torch.sqrt(h * h + f32(1e-3)).sum(1).mean()


def entropy(h):
    share = h / h.sum(1, keepdim=True)
    return -(share * torch.log(share)).sum(1).mean()


def none(h):
    return torch.zeros(())


CASES = {
    "l1": dict(hidden=torch.relu, output=lambda z: z, penalty=l1, strength=0.01),
    "kl": dict(hidden=torch.sigmoid, output=torch.sigmoid, penalty=kl, strength=0.05),
    "tied": dict(hidden=torch.tanh, output=lambda z: z, penalty=l1, strength=0.01, decay=0.003, tied=True),
    "root": dict(hidden=torch.tanh, output=torch.sigmoid, penalty=root, strength=0.02, decay=0.001, half=True),
    "entropy": dict(hidden=torch.nn.functional.softplus, output=torch.tanh, penalty=entropy, strength=0.1),
}


def run(hidden, output, penalty, strength, decay=0.0, tied=False, half=False):
    x = 0.5 + 0.5 * wave(EXAMPLES, INPUT, 0.5, 1)
    x = x.float().double()
    p = {
        "encoderWeights": wave(INPUT, HIDDEN, 1, 0.4),
        "encoderBias": wave(1, HIDDEN, 2, 0.1)[0],
        **({} if tied else {"decoderWeights": wave(HIDDEN, INPUT, 3, 0.4)}),
        "decoderBias": wave(1, INPUT, 4, 0.1)[0],
    }
    for value in p.values():
        value.requires_grad_(True)
    optimizer = torch.optim.Adam(p.values(), lr=RATE)
    start = 0
    for _ in range(STEPS):
        batch = x[start : min(start + BATCH, EXAMPLES)]
        start = start + BATCH if start + BATCH < EXAMPLES else 0
        h = hidden(batch @ p["encoderWeights"] + p["encoderBias"])
        out = output(h @ (p["encoderWeights"].T if tied else p["decoderWeights"]) + p["decoderBias"])
        square = (batch - out) ** 2
        loss = square.sum(1).mean() / 2 if half else square.mean()
        loss = loss + f32(strength) * penalty(h)
        weights = [value for value in p.values() if value.dim() == 2]
        loss = loss + f32(decay) * sum((value**2).sum() for value in weights) / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return {"loss": loss.item(), **{name: value.flatten().tolist() for name, value in p.items()}}


results = {name: run(**case) for name, case in CASES.items()}
rounded = json.loads(json.dumps(results), parse_float=lambda text: float(f"{float(text):.12g}"))
Path(__file__).with_suffix(".json").write_text(json.dumps(rounded, indent=1) + "\n")
