"""What new versions of Jupyter Server may take away is there, and touched in one module alone."""

import ast
from pathlib import Path

import pytest

import technopark_kernels
from technopark_kernels.inner import PRIVATE

MODULES = sorted(Path(technopark_kernels.__file__).parent.glob("*.py"))


@pytest.mark.parametrize(
    ("owner", "member"), [(owner, member) for owner in PRIVATE for member in PRIVATE[owner]]
)
def test_the_installed_version_has_the_private_member(owner: type, member: str) -> None:
    assert hasattr(owner, member), (
        f"{owner.__name__}.{member} is gone: see technopark_kernels.inner"
    )


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_nobody_touches_what_is_private_to_others(module: Path) -> None:
    """Own private members, and those that `inner` declares, are all that a module names."""
    tree = ast.parse(module.read_text())
    own = {
        node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else _target(node)
        for node in ast.walk(tree)
    }
    declared = {name for names in PRIVATE.values() for name in names}
    allowed = own | (declared if module.stem == "inner" else set())
    touched = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    private = {name for name in touched if name.startswith("_") and not name.startswith("__")}
    assert private <= allowed


def test_every_member_that_is_declared_is_used() -> None:
    source = next(module for module in MODULES if module.stem == "inner").read_text()
    for names in PRIVATE.values():
        for name in names:
            assert source.count(name) > 1, f"{name} is declared and not used"


def _target(node: ast.AST) -> str | None:
    """The attribute of `self`, or the name, that a statement sets."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    for target in targets:
        for one in target.elts if isinstance(target, ast.Tuple) else [target]:
            if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name):
                return one.attr
            if isinstance(one, ast.Name):
                return one.id
    return None
