"""The source tree as the rules see it: which files there are, and what is defined in them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from backoffice.env import BASE_DIR

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Source:
    """One Python file; `parts` are its module's names, e.g. ("orders", "admin", "order")."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        return str(self.path.relative_to(BASE_DIR))

    @property
    def parts(self) -> tuple[str, ...]:
        parts = self.path.relative_to(BASE_DIR).with_suffix("").parts
        return parts[:-1] if parts[-1] == "__init__" else parts

    @property
    def syntax(self) -> ast.Module:
        return _parse(self.path)

    def definitions(self) -> Iterator[tuple[str, Definition]]:
        """Every function, method and class with its dotted name; what a function keeps to itself is under <locals>."""
        yield from _definitions(self.syntax, ())


@cache
def list_sources() -> tuple[Source, ...]:
    """Every file of ours but migrations, which Django writes."""
    roots = [folder for folder in sorted(BASE_DIR.iterdir()) if (folder / "__init__.py").exists()]
    paths = [path for root in roots for path in sorted(root.rglob("*.py")) if "migrations" not in path.parts]
    return tuple(Source(path, path.read_text(encoding="utf-8")) for path in (*paths, BASE_DIR / "manage.py"))


def list_product_sources() -> list[Source]:
    return [source for source in list_sources() if source.parts[0] not in ("tests", "benchmarks")]


@cache
def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _definitions(node: ast.AST, above: tuple[str, ...]) -> Iterator[tuple[str, Definition]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Definition):
            yield ".".join((*above, child.name)), child
            inner = () if isinstance(child, ast.ClassDef) else ("<locals>",)
            yield from _definitions(child, (*above, child.name, *inner))
        else:
            yield from _definitions(child, above)
