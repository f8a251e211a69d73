"""One life of a Jupyter kernel: how long it takes to start, to import, and to answer cells, and how much it grows.

    python kernel_peer.py '{"argv": [...], "cwd": "...", "prelude": "...", "cell": "const x# = # + 1; x#"}'

Prints seconds, milliseconds (median and 90th percentile) and megabytes as JSON; or { "hung": cell } if the kernel
stops answering.
"""

import json
import queue
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

WORK = json.loads(sys.argv[1])
WARM_UP, CELLS = 20, 200
PATIENCE = 60


def manager():
    """A manager of the kernel, whose specification lies in a folder of its own."""
    folder = Path(tempfile.mkdtemp()) / "measured"
    folder.mkdir()
    spec = {"argv": WORK["argv"], "display_name": "measured", "language": "measured", "env": WORK.get("env", {})}
    (folder / "kernel.json").write_text(json.dumps(spec))
    specs = KernelSpecManager(kernel_dirs=[str(folder.parent)])
    return KernelManager(kernel_name="measured", kernel_spec_manager=specs)


def execute(client, code):
    """Seconds until the kernel has answered a cell. (Not until it says that it is idle: stock tslab may forget to.)"""
    started = time.perf_counter()
    sent = client.execute(code)
    while True:
        reply = client.get_shell_msg(timeout=PATIENCE)
        if reply["parent_header"].get("msg_id") == sent:
            break
    seconds = time.perf_counter() - started
    if reply["content"]["status"] != "ok":
        raise RuntimeError(f"{code!r} failed: {reply['content'].get('evalue')}")
    while client.iopub_channel.msg_ready():
        client.get_iopub_msg()
    return seconds


def megabytes(pid):
    process = psutil.Process(pid)
    return sum(each.memory_info().rss for each in [process, *process.children(recursive=True)]) / 1e6


def measure():
    kernel = manager()
    started = time.perf_counter()
    kernel.start_kernel(cwd=WORK["cwd"])
    client = kernel.client()
    client.start_channels()
    milliseconds = []
    try:
        client.wait_for_ready(timeout=PATIENCE)
        start = time.perf_counter() - started
        prelude = execute(client, WORK["prelude"]) if WORK["prelude"] else 0
        cells = [WORK["cell"].replace("#", str(number)) for number in range(WARM_UP + CELLS)]
        for number, cell in enumerate(cells):
            if number == WARM_UP:
                before = megabytes(kernel.provisioner.process.pid)
            milliseconds.append(1000 * execute(client, cell))
        growth = megabytes(kernel.provisioner.process.pid) - before
    except queue.Empty:
        return {"hung": len(milliseconds)}
    finally:
        client.stop_channels()
        kernel.shutdown_kernel(now=True)
    return {
        "start": start,
        "prelude": prelude,
        "cell": statistics.median(milliseconds[WARM_UP:]),
        "slow": statistics.quantiles(milliseconds[WARM_UP:], n=10)[-1],
        "growth": growth,
    }


print(json.dumps(measure()))
