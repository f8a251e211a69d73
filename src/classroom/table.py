"""Tables for the terminal."""

import re
from collections.abc import Iterable, Sequence

#: Characters that move a terminal's cursor, colour it or reverse the order of its letters: names of files may hold it.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def print_table(columns: Sequence[str], rows: Iterable[Sequence]) -> None:
    """Prints rows under their columns' names; numbers to the right."""
    cells = [[_text(value) for value in row] for row in rows]
    rows = list(rows)
    widths = [max(map(len, [name, *(row[i] for row in cells)])) for i, name in enumerate(columns)]
    numeric = [
        bool(rows) and all(isinstance(row[i], (int, float)) or row[i] is None for row in rows)
        for i in range(len(columns))
    ]

    def line(values: Sequence[str]) -> str:
        return "  ".join(
            v.rjust(w) if n else v.ljust(w) for v, w, n in zip(values, widths, numeric, strict=True)
        ).rstrip()

    print(line(columns))
    print("  ".join("─" * width for width in widths))
    for row in cells:
        print(line(row))


def _text(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return CONTROL.sub(lambda sign: sign.group().encode("unicode_escape").decode(), str(value))
