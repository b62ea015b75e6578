"""The program itself: what it says of itself, and how it ends."""

import logging
import os
import sys
from collections.abc import Sequence

from cyclopts import App

from trendcolor import __version__
from trendcolor.errors import TrendColorError, UsageError

app = App(
    name="trendcolor",
    help="Measures, from photos that may lawfully be used, which colors people wear.",
    version=__version__,
    result_action="return_value",
    suppress_keyboard_interrupt=False,  # `main` answers Ctrl-C, with a word
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Our own errors become one line and exit code 1, bugs keep their trace."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    for store in ("aiobotocore", "botocore"):  # which tell where they found each setting
        logging.getLogger(store).setLevel(logging.WARNING)
    try:
        app(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
    except UsageError as error:
        print(f"trendcolor: {error}", file=sys.stderr)
        return 2
    except TrendColorError as error:
        print(f"trendcolor: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of a pipe, such as `head`, has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        print("trendcolor: stopped; the same command goes on from here", file=sys.stderr)
        return 130
    return 0


def listed(text: str) -> list[str]:
    """The parts of a text with commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def run_from_shell() -> None:
    """The `trendcolor` program."""
    sys.exit(main())
