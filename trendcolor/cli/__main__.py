"""The commands without the program: `python -m trendcolor.cli`."""

from trendcolor.cli.program import run_from_shell

run_from_shell()
