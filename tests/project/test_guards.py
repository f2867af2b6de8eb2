"""Rules of the house that a machine can check."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models

ROOT = Path(__file__).resolve().parents[2]
OURS = ("platform", "tenants", "portal", "cms", "switch_adapters", "tests", "bench")


def sources(*folders: str) -> list[Path]:
    return [
        path for folder in folders or OURS for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts
    ]


def test_the_shelf_hides_no_standard_module():
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert not (ROOT / "locale" / "__init__.py").exists()
    shown = subprocess.run(
        [sys.executable, "-c", "import platform, locale; print(platform.__file__, locale.__file__)"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert str(ROOT) not in shown.stdout


def test_no_migration_is_missing(own_database):
    made = subprocess.run(
        [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
        cwd=ROOT, capture_output=True, text=True, env=os.environ | {"TANDEM_ROLE": "owner"},
    )  # fmt: skip
    assert made.returncode == 0, made.stdout


def test_shared_and_operators_apps_are_apart():
    assert not set(settings.SHARED_APPS) & set(settings.TENANT_APPS)


# From the top floor down; a foreign key may stay on its floor or go down.
FLOORS = [
    ["cms"], ["signup"], ["devices"], ["numbers"], ["people"], ["routing"], ["tariffs"],
    ["plans"], ["fleet"], ["calls"], ["ledger"], ["payments"], ["tenants"],
]  # fmt: skip


def test_foreign_keys_point_down():
    floor = {label: number for number, labels in enumerate(FLOORS) for label in labels}
    for model in apps.get_models():
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if not field.concrete or target is None or model._meta.app_label not in floor:
                continue
            if target._meta.app_label in floor:
                assert floor[target._meta.app_label] >= floor[model._meta.app_label], f"{model.__name__}.{field.name}"


def test_no_operator_s_table_has_a_foreign_key_into_public_but_to_content_types(house):
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.conrelid::regclass::text, c.confrelid::regclass::text from pg_constraint c"
            " join pg_class t on t.oid = c.conrelid join pg_class o on o.oid = c.confrelid"
            " where c.contype = 'f' and t.relnamespace <> o.relnamespace"
        )
        across = {target for _, target in cursor.fetchall()}
    assert across <= {"django_content_type", "public.django_content_type"}


def test_an_operator_s_schema_stays_small(house):
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_class where relkind in ('r', 'p') and relnamespace = to_regnamespace(%s)",
            [house.acme.schema_name],
        )
        count = cursor.fetchone()[0]
    sys.stderr.write(f"{count} tables per operator\n")
    assert 20 < count <= 150


BANNED = {
    r"\bschema_context\(": "enter schemas with tenants.context.in_operator",
    r"^\s*with (tenant|operator|op)\b\s*[:,]": "django-tenants' `with tenant:` shares one stack between threads",
    r"TenantTestCase|FastTenantTestCase": "they run no setUpTestData",
    r"import.*\bCloneSchema\b": "replay the blueprint",
    r"@receiver\(|\bSignal\(": "no signals between our own rooms",
    r"_\(f[\"']|gettext\(f[\"']": "a text to translate can't be an f-string",
}


@pytest.mark.parametrize(("pattern", "instead"), BANNED.items())
def test_what_is_banned_is_not_used(pattern, instead):
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources("platform", "tenants", "portal", "cms", "switch_adapters")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(pattern, line) and not line.lstrip().startswith(("#", '"'))
    ]
    assert not found, instead


def test_no_file_is_named_for_everything():
    assert not [p for p in sources() if p.name in {"services.py", "utils.py", "helpers.py", "misc.py", "common.py"}]


def test_nobody_keeps_results_between_operators_in_a_cached_function():
    found = []
    for path in sources("portal", "cms", "tenants"):
        for node in ast.walk(ast.parse(path.read_text())):
            for mark in getattr(node, "decorator_list", ()):
                name = ast.unparse(mark)
                if "lru_cache" in name or name in {"cache", "functools.cache"}:
                    found.append(f"{path.relative_to(ROOT)}: {node.name}")
    # The fingerprint of this code's migrations is the same for everybody.
    assert found == ["tenants/schema.py: fingerprint"]


def test_money_is_never_a_float_column():
    floats = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        if model.__module__.split(".")[0] in {"portal", "ledger", "calls", "tenants", "fleet", "cms"}
        for field in model._meta.get_fields()
        if isinstance(field, models.FloatField)
    ]
    assert not floats


def test_every_cache_is_apart_between_operators():
    for name, cache in settings.CACHES.items():
        assert cache["KEY_FUNCTION"] == "django_tenants.cache.make_key", name


def test_templates_have_no_inline_script_or_style():
    for path in ROOT.rglob("templates/**/*.html"):
        if ".venv" in path.parts or "var" in path.parts:
            continue
        text = path.read_text()
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>\s*\S", text), path
        assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=\s*[\"']", text), path
