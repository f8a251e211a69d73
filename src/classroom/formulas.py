"""Formulas in a page, set with KaTeX as MathML: every browser shows them, without a script and without a network."""

import html
import json
import re
import subprocess

from .jail import ROOT, node

#: nbconvert's page loads a library from the network for them.
MATHJAX = re.compile(r"<!-- Load mathjax -->.*?<!-- End of mathjax configuration -->", re.DOTALL)
TEXT_CELL = re.compile(r'(<div class="text_cell_render[^>]*>)(.*?)(</div>)', re.DOTALL)
FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![\\\w$])\$([^\s$](?:[^$\n]*[^\s$])?)\$(?!\w)", re.DOTALL)

RENDER = """
const katex = require('katex');
const formulas = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
const render = ({ tex, displayMode }) =>
  katex.renderToString(tex, { displayMode, output: 'mathml', throwOnError: false, strict: 'ignore', maxExpand: 200 });
process.stdout.write(JSON.stringify(formulas.map(render)));
"""


def set_formulas(page: str) -> str:
    """The page with its formulas set; as it was where KaTeX is not there."""
    page = MATHJAX.sub("", page)
    found = [match for cell in TEXT_CELL.finditer(page) for match in FORMULA.finditer(cell.group(2))]
    formulas = [{"tex": html.unescape(m.group(1) or m.group(2)), "displayMode": m.group(1) is not None} for m in found]
    outcome = subprocess.run(
        [node(), "-e", RENDER], input=json.dumps(formulas), capture_output=True, text=True, encoding="utf-8", cwd=ROOT
    )
    if outcome.returncode != 0:
        return page
    rendered = iter(json.loads(outcome.stdout))

    def set_cell(cell: re.Match[str]) -> str:
        return cell.group(1) + FORMULA.sub(lambda _: next(rendered), cell.group(2)) + cell.group(3)

    return TEXT_CELL.sub(set_cell, page)
