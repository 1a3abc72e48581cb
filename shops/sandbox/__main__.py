"""Runs the sandbox without Django: `python -m shops.sandbox --port 9100`."""

import argparse
import sys

from shops.sandbox.arguments import add_arguments, describe, start_from
from shops.sandbox.server import StartError, serve_forever


def main() -> int:
    """Start, say where, and serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m shops.sandbox", description=__doc__)
    add_arguments(parser)
    try:
        running = start_from(vars(parser.parse_args()))
    except StartError as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    serve_forever(running, lambda: print(describe(running), flush=True))  # noqa: T201 - the command's answer
    return 0


if __name__ == "__main__":
    sys.exit(main())
