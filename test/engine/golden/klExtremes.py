"""KL(rho || mean of sigma(z)) and its gradient in z, far out, with 60 digits: writes klExtremes.json. Needs Python alone.

    python klExtremes.py

From the definition, without logarithms of sums: mean = (1/m) sum_k sigma(z_k), its complement (1/m) sum_k sigma(-z_k), and
d KL / d z_k = (-rho / mean + (1 - rho) / complement) sigma(z_k) sigma(-z_k) / m.
"""

import json
import struct
from decimal import Context, Decimal, setcontext
from pathlib import Path

setcontext(Context(prec=60))

#: Three examples of each unit.
UNITS = [
    *([z] * 3 for z in (-1e4, -300, -104, -88, -60, -17, -3, 0, 3, 17, 60, 88, 104, 300, 1e4)),
    *([-1e4, 0, 1e4], [-60, 60, 0.5], [-17, -18, -20], [17, 18, 20], [-1e4, -9999, -9990], [1e4, 9999, 9990]),
    *([1e4, 1e4, -1e4], [-1e4, -1e4, 1e4], [12.5, 13, -60], [-100, 300, -2], [1e-4, -1e-4, 1e-30]),
]
RHOS = [1e-6, 1e-3, 0.05, 0.5, 0.95, 0.999]


def single(number):
    """The float32 next to a number, exactly."""
    return Decimal(struct.unpack("f", struct.pack("f", number))[0])


def sigma(z):
    return 1 / (1 + (-z).exp())


def divergence(rho, unit):
    """The value, the gradient, and the largest pull of either of the two that the gradient is the difference of."""
    z = [single(number) for number in unit]
    mean = sum(map(sigma, z)) / len(z)
    complement = sum(sigma(-number) for number in z) / len(z)
    value = rho * (rho / mean).ln() + (1 - rho) * ((1 - rho) / complement).ln()
    down, up = (1 - rho) / complement, rho / mean
    shares = [sigma(number) * sigma(-number) / len(z) for number in z]
    return value, [(down - up) * share for share in shares], max(down, up) * max(shares)


def rounded(number):
    # Numbers below the smallest float64 are 0.
    return float(f"{number:.16e}")


def case(rho):
    values, gradients, pulls = zip(*(divergence(single(rho), unit) for unit in UNITS), strict=True)
    return {
        "rho": rho,
        "value": rounded(sum(values)),
        "gradients": [[*map(rounded, gradient)] for gradient in gradients],
        "pulls": [*map(rounded, pulls)],
    }


cases = [json.dumps(case(rho)) for rho in RHOS]
text = f'{{"units": {json.dumps(UNITS)},\n"cases": [\n' + ",\n".join(cases) + "\n]}\n"
Path(__file__).with_suffix(".json").write_text(text)
