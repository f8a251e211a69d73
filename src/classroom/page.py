"""The additions to nbgrader's feedback page: which test is which, and which answers nobody has graded yet."""

import html
import re
from collections.abc import Collection

ENTRY = re.compile(r'(<li><a href="#([^"]+)">)([^<]+)(</a>) \(Score: ([\d.]+) / ([\d.]+)\)')

#: Messages are read to their end, also on paper.
STYLE = "<style>pre { white-space: pre-wrap; overflow-wrap: anywhere; }</style>"


def make_readable(page: str, ungraded: Collection[str]) -> str:
    """The page with the cells' names in its overview; `ungraded` are those that a person has still to give points."""

    def named(entry: re.Match[str]) -> str:
        start, name, kind, end, score, most = entry.groups()
        points = f"not graded yet, of {most}" if html.unescape(name) in ungraded else f"Score: {score} / {most}"
        return f"{start}{kind}: {name}{end} ({points})"

    return ENTRY.sub(named, page.replace("</head>", f"{STYLE}</head>", 1))
