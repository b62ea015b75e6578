"""The commands. Each reads arguments, calls one function and prints; no logic.

Output for machines goes to stdout, talk to stderr. Exit 0 when done, 1 for an error that is raised
on purpose, 2 for wrong usage, 130 after Ctrl-C, 141 where the reader of stdout has gone.
"""

from trendcolor.cli import jobs, questions, reports, runs
from trendcolor.cli.program import app, main, run_from_shell

__all__ = ["app", "jobs", "main", "questions", "reports", "run_from_shell", "runs"]
