"""What embedded servers say when they cannot do their work: what happened, what it means, what to do."""

from pathlib import Path

LOG_LINES_SHOWN = 12


class EmbeddedError(SystemExit):
    """Ends the process with sentences instead of a traceback, as a wrong setting does."""


def log_tail(log: Path) -> str:
    """Return the last lines of a server's log, indented for a message."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES_SHOWN:]
    except OSError:
        return "    (no log yet)"
    return "\n".join(f"    {line}" for line in lines) or "    (the log is empty)"
