"""Every module says what it is for, and what other apps call says what it does."""

import ast

import pytest

from tests.architecture.tree import Source, list_product_sources, list_sources

# Modules whose public names are called from elsewhere, so that their docstrings are read more than their code.
PUBLIC = ("services", "queries", "models")
SAYS_NOTHING_NEW = {"Meta", "__str__"}


def has_code(source: Source) -> bool:
    return bool(source.text.strip())


def test_every_module_says_what_it_is_for():
    assert [s.name for s in list_sources() if has_code(s) and not ast.get_docstring(s.syntax)] == []


def test_the_first_line_of_a_module_is_a_sentence():
    cut_off = {}
    for source in list_sources():
        first = (ast.get_docstring(source.syntax) or "Nothing.").splitlines()[0]
        if not first.endswith((".", ":")) or first[0].islower():
            cut_off[source.name] = first
    assert cut_off == {}


def is_public(name: str) -> bool:
    return not any(part.startswith(("_", "<")) or part in SAYS_NOTHING_NEW for part in name.split("."))


def is_protocol(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef) and any(ast.unparse(base).startswith("Protocol") for base in node.bases)


@pytest.mark.parametrize("subject", PUBLIC)
def test_everything_public_has_a_docstring(subject):
    sources = [source for source in list_product_sources() if subject in source.parts[1:]]
    assert sources
    bare = [
        f"{source.name}: {name}"
        for source in sources
        for name, node in source.definitions()
        if is_public(name) and not ast.get_docstring(node)
    ]
    assert bare == []


def test_every_protocol_says_what_its_methods_promise():
    bare = []
    for source in list_product_sources():
        protocols = [(name, node) for name, node in source.definitions() if is_protocol(node)]
        for name, node in protocols:
            methods = [child for child in node.body if isinstance(child, ast.FunctionDef) and child.name != "__init__"]
            bare += [f"{source.name}: {name}.{child.name}" for child in methods if not ast.get_docstring(child)]
    assert bare == []
