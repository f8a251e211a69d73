"""PyTorch: eager, compiled, or compiled with all strengths in one batched step (torch.func.vmap)."""

import sys

import torch
from common import WORK, images, order, parameters, serve

torch.set_num_threads(WORK["threads"])
MODE = sys.argv[2]
X = torch.from_numpy(images())
RHO = WORK["rho"]
# Products in bfloat16, everything else in float32, as Sparselab's `precision` has it.
AUTOCAST = torch.autocast("cpu", dtype=torch.bfloat16, enabled=WORK.get("precision") == "bfloat16")


def code(z):
    match WORK["activation"]:
        case "relu":
            return torch.relu(z)
        case "sigmoid":
            return torch.sigmoid(z)
    values, units = torch.topk(torch.relu(z), WORK["k"], dim=1, sorted=False)
    return torch.zeros_like(z).scatter(1, units, values)


def loss(p, x, strength):
    h = code(x @ p["We"] + p["be"])
    error = ((h @ p["Wd"] + p["bd"] - x) ** 2).mean()
    if WORK["penalty"] == "none":
        return error
    if WORK["penalty"] == "l1":
        return error + strength * h.abs().sum(1).mean()
    mean = h.mean(0).clamp(1e-7, 1 - 1e-7)
    return error + strength * (RHO * (RHO / mean).log() + (1 - RHO) * ((1 - RHO) / (1 - mean)).log()).sum()


class OneModel:
    """One strength: loss, backward, fused Adam."""

    def __init__(self, strength):
        self.p = {name: torch.tensor(value, requires_grad=True) for name, value in parameters().items()}
        self.adam = torch.optim.Adam(self.p.values(), lr=1e-3, eps=1e-8, fused=True)
        self.strength = torch.tensor(strength)
        self.loss = torch.compile(loss) if MODE == "compile" else loss

    def epoch(self, rows):
        losses = []
        for step in rows:
            with AUTOCAST:
                value = self.loss(self.p, X[step], self.strength)
            self.adam.zero_grad()
            value.backward()
            self.adam.step()
            losses.append(value.detach())
        return torch.stack(losses)


class AllModels:
    """All strengths at once: the step of one, mapped over stacked parameters and compiled."""

    def __init__(self, strengths):
        count = len(strengths)
        self.p = {
            name: torch.from_numpy(value).repeat(count, *[1] * value.ndim).requires_grad_(True)
            for name, value in parameters().items()
        }
        self.adam = torch.optim.Adam(self.p.values(), lr=1e-3, eps=1e-8, fused=True)
        self.strengths = torch.tensor(strengths)
        self.step = torch.compile(torch.func.vmap(torch.func.grad_and_value(loss), in_dims=(0, None, 0)))

    def epoch(self, rows):
        losses = []
        for step in rows:
            with torch.no_grad():
                gradients, values = self.step({n: v.detach() for n, v in self.p.items()}, X[step], self.strengths)
            for name, value in self.p.items():
                value.grad = gradients[name]
            self.adam.step()
            losses.append(values.mean())
        return torch.stack(losses)


models = [AllModels(WORK["strengths"])] if MODE == "vmap" else [OneModel(s) for s in WORK["strengths"]]


def run(number):
    rows = torch.from_numpy(order(number))
    losses = torch.stack([model.epoch(rows) for model in models])
    # The first run starts from the shared parameters: its first 50 steps show that all do the same.
    first = {"firstSteps": losses[:, :50].mean().item()} if number == 0 else {}
    return {"loss": losses.mean().item(), **first}


serve(run, torch.__version__)
