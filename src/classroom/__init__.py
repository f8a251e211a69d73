"""The classroom: nbgrader's assignments, graded in parallel, each hand-in in a process that can harm no other.

Reading order: course (where things are), release, collect, repair, jail, sandbox,
lending, kernel_run, handin, grade, report.
"""
