"""Rule files for Mimir's ruler, within the limits of its tenant."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from engines.reading import (
    ORGANISATION,
    SLOS,
    compiled,
    documents,
    every_group,
    promtool_takes,
    rules,
    service,
)
from slo_strategies import ORGANISATION as POLICIES
from slo_strategies import services, written
from slogen import Compilation, CompileError

UNLIMITED = "\nmimir: {rules_per_group: 0, groups_per_tenant: 0}\n"
NAMES = [f"s{number}" for number in range(7)]


def own(compilation: Compilation) -> list[Any]:
    """The rules of single SLOs: what is not shared, and so is the same in whatever pack."""
    found = [rule for _, _, rule in rules(compilation) if "slo_id" in rule.get("labels", {})]
    return sorted(found, key=repr)


def test_without_a_limit_the_rules_of_every_example_are_those_for_prometheus(promtool2: Path, tmp_path: Path) -> None:
    compilation = compiled(SLOS, "mimir", ORGANISATION + UNLIMITED)

    for path, (document,) in documents(compilation).items():
        assert list(document) == ["namespace", "groups"]
        assert document["namespace"] == f"slogen/{Path(path).name.removesuffix('.rules.yaml')}"
    assert all(list(group) == ["name", "interval", "rules"] for group in every_group(compilation))
    assert rules(compilation) == rules(compiled(SLOS, "prometheus", ORGANISATION))
    promtool_takes(promtool2, list(every_group(compilation)), tmp_path)


def test_by_default_no_group_has_more_than_twenty_rules_and_no_slo_loses_any(promtool2: Path, tmp_path: Path) -> None:
    compilation = compiled(SLOS, "mimir", ORGANISATION)

    sizes = [len(group["rules"]) for group in every_group(compilation)]
    assert max(sizes) <= 20
    assert max(len(group["rules"]) for group in every_group(compiled(SLOS, "prometheus", ORGANISATION))) > 20
    assert own(compilation) == own(compiled(SLOS, "prometheus", ORGANISATION))
    promtool_takes(promtool2, list(every_group(compilation)), tmp_path)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(spec=services())
def test_any_right_service_is_within_the_limit(spec: dict[str, Any]) -> None:
    files = {"slos/x.yaml": written(spec).encode()}
    assert rules(compiled(files, "mimir", POLICIES + UNLIMITED)) == rules(compiled(files, "prometheus", POLICIES))

    compilation = compiled(files, "mimir", POLICIES)
    for (document,) in documents(compilation).values():
        names = [group["name"] for group in document["groups"]]
        assert len(set(names)) == len(names)
        assert all(len(group["rules"]) <= 20 for group in document["groups"])
    assert own(compilation) == own(compiled(files, "prometheus", POLICIES))


def packs(*names: str, limit: int = 20) -> dict[str, list[str]]:
    """The SLOs of each pack, by the name of its fast group."""
    compilation = compiled(service("shop", *names), "mimir", f"mimir: {{rules_per_group: {limit}}}")
    return {
        group["name"]: list(dict.fromkeys(rule["labels"]["slo_name"] for rule in group["rules"] if "alert" in rule))
        for group in every_group(compilation)
        if group["name"].endswith("-fast")
    }


def test_a_service_is_divided_into_packs_of_whole_slos() -> None:
    assert packs(*NAMES) == {
        "slogen-shop-fast": ["s0", "s1"],
        "slogen-shop-2-fast": ["s2", "s3"],
        "slogen-shop-3-fast": ["s4", "s5"],
        "slogen-shop-4-fast": ["s6"],
    }
    assert packs(*NAMES, limit=0) == {"slogen-shop-fast": NAMES}
    assert packs(*NAMES, limit=200) == {"slogen-shop-fast": NAMES}


def test_an_slo_that_is_added_at_the_end_moves_no_other() -> None:
    for number in range(1, len(NAMES)):
        before, after = packs(*NAMES[:number]), packs(*NAMES[: number + 1])
        assert {name: [slo for slo in slos if slo != NAMES[number]] for name, slos in after.items()} == {
            **{name: [] for name in after},
            **before,
        }


def test_what_a_pack_shares_selects_its_own_slos_alone() -> None:
    compilation = compiled(service("shop", *NAMES), "mimir")

    for group in every_group(compilation):
        named = {slo for rule in group["rules"] for slo in re.findall(r"shop-s\d", rule["expr"])}
        assert len(named) <= 2
        assert not any("slo_service=" in rule["expr"] for rule in group["rules"] if "record" in rule)
    alone = compiled(service("shop", "s0", "s1"), "mimir")
    assert any("slo_service=" in group["rules"][0]["expr"] for group in every_group(alone))


def test_an_slo_with_too_many_rules_for_a_group_is_refused_where_it_stands_and_one_less_is_not() -> None:
    alone = compiled(service("shop", "up"), "mimir", UNLIMITED)
    largest = max(len(group["rules"]) for group in every_group(alone))

    with pytest.raises(CompileError) as refused:
        compiled(service("shop", "up"), "mimir", f"mimir: {{rules_per_group: {largest - 1}}}")

    (told,) = refused.value.diagnostics
    assert (str(told.position), told.code) == ("slos/shop.yaml:4:5", "mimir-cannot")
    compiled(service("shop", "up"), "mimir", f"mimir: {{rules_per_group: {largest}}}")


def test_more_groups_than_the_tenant_has_are_refused_where_the_limit_stands() -> None:
    files = service("shop", *NAMES) | service("bank", "up")

    with pytest.raises(CompileError) as refused:
        compiled(files, "mimir", "mimir:\n  groups_per_tenant: 14\n")

    (told,) = refused.value.diagnostics
    assert (str(told.position), told.code) == ("slogen.yaml:2:22", "mimir-cannot")
    assert "these are 15 groups" in told.message
    assert len(list(every_group(compiled(files, "mimir", "mimir: {groups_per_tenant: 15}")))) == 15


def test_so_are_more_than_seventy_by_default() -> None:
    files: dict[str, bytes] = {}
    for number in range(24):
        files |= service(f"shop{number}", "up")

    with pytest.raises(CompileError, match="these are 72 groups, and this tenant has 70 at most"):
        compiled(files, "mimir")
    assert len(compiled(dict(list(files.items())[:23]), "mimir").artifacts) == 23
    assert len(compiled(files, "mimir", "mimir: {groups_per_tenant: 0}").artifacts) == 24


def test_source_tenants_are_named_only_where_they_are_configured() -> None:
    configured = compiled(service("shop", "up"), "mimir", "mimir: {source_tenants: [team-a, 'b\"c']}")

    assert [group["source_tenants"] for group in every_group(configured)] == [["team-a", 'b"c']] * 3
    assert not any("source_tenants" in group for group in every_group(compiled(service("shop", "up"), "mimir")))


def test_the_alerts_of_a_divided_service_do_what_promtool_proves_of_the_whole_one(
    promtool2: Path, tmp_path: Path
) -> None:
    files = service("shop", "s0", "s1", "s2", more=", alerting: {ticket: false}")
    (artifact,) = compiled(files, "mimir").artifacts
    plain = "\n".join(line for line in artifact.text.splitlines() if not line.startswith("namespace:"))
    (tmp_path / "prometheus").mkdir()
    (tmp_path / "prometheus/shop.rules.yaml").write_text(plain, "utf-8")
    assert "slogen-shop-2-fast" in plain

    tests = compiled(files, "promtool-tests").artifacts
    assert tests
    for test in tests:
        order = re.sub(r"^( *- )\"slogen-shop-(\w+)\"$", r'\g<0>\n\1"slogen-shop-2-\2"', test.text, flags=re.MULTILINE)
        path = tmp_path / test.path
        path.parent.mkdir(exist_ok=True)
        path.write_text(order, "utf-8")
        done = subprocess.run(
            [promtool2, "test", "rules", path.name],
            cwd=path.parent,
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
