"""Writes folders with SAELens into `theirs`, reads those of Sparselab in `ours`, and says what it computes with all of them.

python saelens_folders.py <place with x.json> <d_in> <d_sae>
"""

import json
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[2] / "test" / "interchange" / "golden"))
from saelens import computed, write

place, d_in, d_sae = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
x = torch.tensor(json.loads((place / "x.json").read_text()))
torch.manual_seed(0)
theirs = write(place / "theirs", d_in, d_sae, x)
ours = {folder.name: computed(folder, x) for folder in sorted((place / "ours").iterdir())}
(place / "computed.json").write_text(json.dumps({"theirs": theirs, "ours": ours}))
