"""Rule files for Thanos Ruler, with the rules of the target ``prometheus`` in them."""

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings

from engines.reading import ORGANISATION, SLOS, compiled, documents, every_group, promtool_takes, rules
from slo_strategies import ORGANISATION as POLICIES
from slo_strategies import services, written

FIELDS = ["name", "interval", "partial_response_strategy", "rules"]


def test_the_rules_of_every_example_are_those_for_prometheus_and_no_group_takes_a_partial_response(
    promtool2: Path, tmp_path: Path
) -> None:
    compilation = compiled(SLOS, "thanos", ORGANISATION)
    groups = list(every_group(compilation))

    assert all(list(one) == ["groups"] for (one,) in documents(compilation).values())
    assert all(list(group) == FIELDS and group["partial_response_strategy"] == "abort" for group in groups)
    assert rules(compilation) == rules(compiled(SLOS, "prometheus", ORGANISATION))
    promtool_takes(promtool2, groups, tmp_path)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(spec=services())
def test_so_are_those_of_any_right_service(spec: dict[str, Any]) -> None:
    files = {"slos/x.yaml": written(spec).encode()}
    compilation = compiled(files, "thanos", POLICIES)

    assert all(list(group) == FIELDS for group in every_group(compilation))
    assert rules(compilation) == rules(compiled(files, "prometheus", POLICIES))
