"""A kernel that does not start says why; on a busy machine it is waited for."""

import pytest

from classroom.sandbox import KernelNotStarted, Limits, SandboxedKernel


def project_whose_kernel_is(code, folder):
    """A project whose kernel is this program."""
    for name in ("dist/kernel/node", "teaching", "datasets", "node_modules"):
        (folder / name).mkdir(parents=True)
    (folder / "package.json").write_text("{}")
    (folder / "dist" / "kernel" / "node" / "main.js").write_text(code)
    return folder


def reason(code, folder, **limits):
    with pytest.raises(KernelNotStarted) as raised:
        SandboxedKernel(Limits(**limits), project=project_whose_kernel_is(code, folder)).start()
    return str(raised.value)


def test_a_process_that_ends_is_told_by_its_code(tmp_path):
    assert "its process ended with 3" in reason("process.exit(3)", tmp_path)


def test_a_process_that_is_silent_is_given_up(tmp_path):
    said = reason("setInterval(() => {}, 1000)", tmp_path, start_seconds=1, patience=2)
    assert "did not answer in 1 s" in said


def test_a_process_that_gets_no_processor_is_waited_for(tmp_path):
    # As on a machine where many programs compute: longer by the clock than it may compute, and then it ends.
    said = reason("setTimeout(() => process.exit(3), 8000)", tmp_path, start_seconds=4, patience=1000)
    assert "its process ended with 3" in said
