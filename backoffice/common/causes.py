"""Names the fault behind an error, so that a thousand records with one fault are one line for people. Pure."""

import re

LONGEST_CAUSE = 200  # characters
LEFT_OUT = "…"

# What tells one fault from another stays: codes, and the names that the database puts in quotes.
_KEPT = r'\b(?:code|HTTP) \w+|\b(?:column|relation|constraint|table|type|index) "[^"]*"'
_DIFFERENT_EACH_TIME = (
    r"(?<!\w)'(?:\\.|[^'\\])*'(?!\w)",  # quoted values, but no apostrophes
    r'"(?:\\.|[^"\\])*"',
    r"“[^”]*”",
    r"(?<=, request )[^,)]+",
    r"(?<=\(request )[^,)]+",
    r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b",
    r"\b0x[0-9a-fA-F]+",
    r"\b(?=[a-zA-Z]*\d)(?=\d*[a-zA-Z])[a-zA-Z0-9]{12,}\b",  # keys and digests
    r"\d+(?:[.,:/T+-]\d+)*Z?",  # numbers, times, paths of list items
)
_PART = re.compile(f"(?P<kept>{_KEPT})|{'|'.join(_DIFFERENT_EACH_TIME)}")
_UNREADABLE = re.compile(r"\bis (?:null|a list|an object|a very large number|…) instead of")
_REPEATED = re.compile(r"…(?:[ ,]*…)+")


def name_cause(error: str) -> str:
    """Return an error without what differs from record to record: values, numbers, times, keys, details.

    Of several problems the first one counts: when it is mended, the next one shows.
    """
    lines = [line for line in error.splitlines() if line.strip()]
    if not lines:
        return ""
    said = _PART.sub(lambda part: part[0] if part["kept"] else LEFT_OUT, lines[0])
    said = _UNREADABLE.sub(f"is {LEFT_OUT} instead of", said.partition("; ")[0])
    said = " ".join(_REPEATED.sub(LEFT_OUT, said).split())
    return said if len(said) <= LONGEST_CAUSE else _shorten(said)


def _shorten(said: str) -> str:
    """Cut after a whole word, and show that something was left out."""
    kept = said[: LONGEST_CAUSE - 2]
    words = kept.rpartition(" ")[0] or kept
    return f"{words.rstrip(f' {LEFT_OUT}')} {LEFT_OUT}"
