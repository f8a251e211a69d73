"""Makes pictures-idx3-ubyte.gz out of scikit-image's wheel: python make.py skimage/data pictures-idx3-ubyte.gz

Each picture is made grey, cropped to its central square and reduced to 256 × 256 by Lanczos' filter.
Needs Pillow and NumPy.
"""

import gzip
import struct
import sys
from pathlib import Path

import numpy
from PIL import Image

NAMES = ["astronaut", "brick", "camera", "chelsea", "coffee", "grass", "gravel"]
SIZE = 256


def grey_square(path: Path) -> numpy.ndarray:
    picture = Image.open(path).convert("L")
    side = min(picture.size)
    left, top = ((extent - side) // 2 for extent in picture.size)
    square = picture.crop((left, top, left + side, top + side))
    return numpy.asarray(square.resize((SIZE, SIZE), Image.Resampling.LANCZOS))


source, target = Path(sys.argv[1]), Path(sys.argv[2])
pictures = numpy.stack([grey_square(source / f"{name}.png") for name in NAMES])
header = struct.pack(">HBB3I", 0, 8, 3, *pictures.shape)
target.write_bytes(gzip.compress(header + pictures.tobytes(), compresslevel=9, mtime=0))
