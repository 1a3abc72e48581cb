"""Files and functions stay small enough to be read in one go. Split by subject before the limit, while it is easy."""

import ast

from tests.architecture.tree import list_sources

MOST_LINES_IN_A_FILE = 400
MOST_LINES_IN_A_FUNCTION = 60


def test_no_file_is_longer_than_the_limit():
    lengths = {source.name: len(source.text.splitlines()) for source in list_sources()}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES_IN_A_FILE} == {}


def test_no_function_is_longer_than_the_limit():
    too_long = {}
    for source in list_sources():
        for name, node in source.definitions():
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if not isinstance(node, ast.ClassDef) and lines > MOST_LINES_IN_A_FUNCTION:
                too_long[f"{source.name}: {name}"] = lines
    assert too_long == {}
