"""Starts the lessons' kernel as Jupyter does and runs one cell as a lesson has it. Exits 1, with the reason, if it fails.

Usage, in the folder of the lessons: probeKernel.py
"""

import sys

from jupyter_client.manager import start_new_kernel

CELL = "import { backendReady } from 'sparselab';\ntypeof backendReady"
START_S, CELL_S = 60, 60


def main():
    printed = []

    def hear(message):
        content = message["content"]
        printed.append(content.get("data", {}).get("text/plain") or content.get("evalue") or content.get("text"))

    manager, client = start_new_kernel(startup_timeout=START_S, kernel_name="tslab")
    try:
        reply = client.execute_interactive(CELL, timeout=CELL_S, output_hook=hear)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    content = reply["content"]
    if content["status"] != "ok":
        return f"{content.get('ename', 'Error')}: {content.get('evalue', '')}"
    return None if "'function'" in printed else f"the cell's value is {printed}"


sys.exit(main())
