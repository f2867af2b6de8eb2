"""telecom stands alone: no Django, no clock, no chance."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

SHELF = Path(__file__).parents[2] / "platform"
MODULES = sorted((SHELF / "telecom").glob("*.py"))


def test_importing_all_of_telecom_imports_no_django():
    names = ", ".join(f"telecom.{one.stem}" for one in MODULES if one.stem != "__init__")
    code = f"import sys; sys.path.insert(0, {str(SHELF)!r}); import {names}; print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_telecom_imports_only_itself_numbering_plans_and_quiet_parts_of_the_standard_library():
    loud = {"time", "random", "secrets", "os", "socket", "threading", "asyncio", "subprocess", "pickle"}
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text())):
            names = (
                [one.name for one in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            for name in names:
                top = name.partition(".")[0]
                allowed = top in ("telecom", "phonenumbers") or top in sys.stdlib_module_names
                assert allowed, f"{module.name} imports {name}"
                assert top not in loud, f"{module.name} imports {name}"


def test_telecom_never_asks_what_time_it_is():
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                asks = node.value.id in ("datetime", "date") and node.attr in ("now", "today", "utcnow")
                assert not asks, f"{module.name} line {node.lineno}"
