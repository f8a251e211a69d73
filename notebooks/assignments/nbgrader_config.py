"""nbgrader's settings for this course; `npm run class:…` and `nbgrader formgrader` read them."""

c = get_config()  # noqa: F821 (Jupyter defines it)

c.CourseDirectory.course_id = "sparselab"

# The placeholder of a solution, for students. Marks: `// ### BEGIN SOLUTION` … `// ### END SOLUTION`.
c.ClearSolutions.code_stub = {"typescript": "// YOUR CODE HERE\nthrow new Error('not written yet');"}
c.ClearSolutions.text_stub = "*Your answer here.*"

# Resource limits of a hand-in.
c.Limits.cell_seconds = 30
c.Limits.notebook_seconds = 180
c.Limits.memory_mb = 3072

# Students see what the hidden tests say, not the tests, which may serve another year.
c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
