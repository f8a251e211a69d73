"""The public conformance suite of Jupyter kernels, jupyter_kernel_test, with a sample for every check it has."""

import unittest

import jupyter_kernel_test


class SparselabKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "tslab"
    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = 'console.log("hello, world")'
    code_stderr = 'console.error("oops")'
    code_page_something = "Math.max?"
    code_generate_error = 'throw new Error("boom")'
    code_inspect_sample = "Math.max"
    code_execute_result = [
        {"code": "1 + 2 + 3", "result": "6"},
        {"code": "[1, 2, 3].map((x) => x * x)", "result": "[ 1, 4, 9 ]"},
        {"code": "await Promise.resolve(7)", "result": "7"},
        {"code": "({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': '<b>x</b>' }) })", "mime": "text/html"},
        {"code": "1 + 2 + 3", "result": "6"},
        {"code": "3 + 4", "result": "7"},
    ]
    code_history_pattern = "1 ? 2*"
    code_display_data = [
        {"code": "import * as tslab from 'tslab'; tslab.display.html('<b>x</b>')", "mime": "text/html"},
        {
            "code": "globalThis[Symbol.for('sparselab.cell')].display({ 'image/svg+xml': '<svg/>' })",
            "mime": "image/svg+xml",
        },
    ]
    code_clear_output = "globalThis[Symbol.for('sparselab.cell')].clearOutput()"
    supported_history_operations = ("tail", "range", "search")
    completion_samples = [
        {"text": "Math.hypo", "matches": ["hypot"]},
        {"text": "consol", "matches": ["console"]},
    ]
    complete_code_samples = ["1", "function f(x: number) {\n  return x;\n}", "const x = `a\nb`"]
    incomplete_code_samples = ["function f() {", "const x = `a", "/* a", "f(", "if (true) {\n  x"]
    invalid_code_samples = ["const = 3", "1 +* 2", ")"]


class SparselabIopubWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "tslab"
    support_iopub_welcome = True


if __name__ == "__main__":
    unittest.main()
