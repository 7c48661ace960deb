"""A tier is an alert policy: burn rates within a day, PromQL beyond it, and words that Markdown takes for words."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

import slogen
from cloud_documents import parse
from slogen.documents import Kind
from slogen.monitoring.labels import MOST, lawful

ORGANISATION = """\
cloud_monitoring:
  project: shop-prod
  location: europe-west1
  notification_channels: {page: ["12", projects/other-project/notificationChannels/3, "12"]}
"""
SLO = """\
apiVersion: slogen/v1
service: shop
slos:
  - name: good
    objective: 99.9
    sli: {availability: {total: 'a_total{job="shop"}', bad: 'a_total{job="shop",code="500"}'}}
"""
PLATFORM = """\
apiVersion: slogen/v1
service: shop
slos:
  - {name: good, objective: 99.9, sli: {availability: {preset: gcp-app-engine, with: {module_id: shop}}}}
  - {name: fast, objective: 99, sli: {latency: {preset: gcp-app-engine, threshold: 128ms, with: {module_id: shop}}}}
"""
ENOUGH = SLO.replace("    sli:", "    alerting: {min_events: 1000}\n    sli:")


@pytest.fixture
def promtools(promtool2: Path, promtool3: Path) -> tuple[Path, Path]:
    """Those of both major versions."""
    return promtool2, promtool3


def policies(text: str, organisation: str = ORGANISATION) -> dict[str, dict[str, Any]]:
    """The policies of the SLOs of a file, by SLO and tier; Google's own types read each."""
    written = slogen.compile(
        {"shop.yaml": text}, organisation=("slogen.yaml", organisation), targets=["cloud-monitoring"]
    ).artifacts
    found = {}
    for artifact in written:
        name = artifact.path.rpartition("/")[2]
        if name.endswith(".alert-policy.json"):
            parse(Kind.ALERT_POLICY, artifact.text)
            found[name.removesuffix(".alert-policy.json")] = json.loads(artifact.text)
    return found


def queries(found: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {
        name: condition["conditionPrometheusQueryLanguage"]["query"]
        for name, policy in found.items()
        for condition in policy["conditions"]
        if "conditionPrometheusQueryLanguage" in condition
    }


def test_a_tier_asks_for_the_burn_rate_over_both_its_windows() -> None:
    policy = policies(SLO)["good.page-1h"]

    assert policy["combiner"] == "AND"
    assert policy["severity"] == "CRITICAL"
    slo = "projects/shop-prod/services/shop/serviceLevelObjectives/good"
    asked = [condition["conditionThreshold"] for condition in policy["conditions"]]
    assert [(one["filter"], one["comparison"], one["thresholdValue"]) for one in asked] == [
        (f'select_slo_burn_rate("{slo}", "3600s")', "COMPARISON_GT", 14.4),
        (f'select_slo_burn_rate("{slo}", "300s")', "COMPARISON_GT", 14.4),
    ]


def test_a_window_of_a_day_is_a_burn_rate_still_and_one_of_three_is_promql() -> None:
    found = policies(SLO)

    assert [len(found[f"good.{tier}"]["conditions"]) for tier in ("ticket-1d", "ticket-3d")] == [2, 1]
    assert set(queries(found)) == {"good.ticket-3d"}
    assert found["good.ticket-3d"]["severity"] == "WARNING"


def test_where_events_are_to_be_enough_every_tier_is_promql() -> None:
    assert set(queries(policies(ENOUGH))) == {"good.page-1h", "good.page-6h", "good.ticket-1d", "good.ticket-3d"}


def test_promql_is_taken_before_its_metrics_have_data() -> None:
    (condition,) = policies(SLO)["good.ticket-3d"]["conditions"]

    assert condition["conditionPrometheusQueryLanguage"]["disableMetricValidation"] is True


def test_promql_reads_the_same_location_as_the_filters() -> None:
    (query,) = queries(policies(SLO)).values()

    assert query.count("a_total{") == query.count('location="europe-west1"')


def test_channels_are_full_names_each_once_and_only_those_of_the_severity() -> None:
    found = policies(SLO)

    assert found["good.page-6h"]["notificationChannels"] == [
        "projects/shop-prod/notificationChannels/12",
        "projects/other-project/notificationChannels/3",
    ]
    assert "notificationChannels" not in found["good.ticket-1d"]


def test_a_severity_that_is_off_has_no_policy() -> None:
    assert set(policies(SLO + "    alerting: {ticket: false}\n")) == {"good.page-1h", "good.page-6h"}


def test_words_of_the_user_are_neither_markdown_nor_variables() -> None:
    header = 'service: shop\nowner: "*us*"\n'
    described = SLO.replace("service: shop\n", header).replace(
        "    objective", '    description: "${policy.name} [a](b) `x`"\n    objective'
    )
    content = policies(described)["good.page-1h"]["documentation"]["content"]

    assert "${" not in content
    assert r"\$\{policy.name\} \[a\](b) \`x\`" in content
    assert r"Owner: \*us\*" in content


def test_a_description_without_end_is_cut_to_what_a_policy_takes() -> None:
    for letter in ("ä", "*", "😀"):
        described = SLO.replace("    objective", f'    description: "{letter * 20_000}"\n    objective')
        content = policies(described)["good.page-1h"]["documentation"]["content"]

        assert 8_192 >= len(content) > 2_000
        assert len(content.encode()) <= 10_240
        assert "…\n\n- Promise: 99.9% good over 30d\n- Tier: page-1h" in content


def test_a_description_that_has_room_is_whole() -> None:
    described = SLO.replace("    objective", f"    description: {'ä' * 2_000}\n    objective")

    assert f"\n\n{'ä' * 2_000}\n\n- Promise" in policies(described)["good.page-1h"]["documentation"]["content"]


def test_addresses_among_the_annotations_are_links_and_templates_are_not() -> None:
    annotated = SLO.replace(
        "service: shop\n",
        "service: shop\nannotations: {runbook_url: https://r.example/a, graph_url: 'https://g.example/{{ $value }}', "
        "wiki_url: https://w.example/the wiki, mail_url: 'mailto:a@b.example'}\n",
    )
    documentation = policies(annotated)["good.page-1h"]["documentation"]

    assert documentation["links"] == [{"displayName": "runbook", "url": "https://r.example/a"}]


def test_labels_are_made_legal_and_say_which_tier_it_is() -> None:
    labelled = SLO.replace("service: shop\n", 'service: shop\nlabels: {Team: "Shop & Co", _x: "1"}\n')

    assert policies(labelled)["good.page-1h"]["userLabels"] == {
        "slo_service": "shop",
        "slo_name": "good",
        "slo_severity": "page",
        "slo_tier": "page-1h",
        "severity": "page",
        "team": "shop___co",
        "label_x": "1",
    }


def test_labels_that_are_too_many_are_told_once_and_as_many_as_may_be_are_kept() -> None:
    many = {f"label_{number}": "x" for number in range(MOST + 3)}

    assert lawful(many).lost == ("there may be 64 labels, so label 'label_64' and 2 after it are left out",)
    assert list(lawful(many).labels) == list(many)[:64]
    assert lawful(dict(list(many.items())[:64])).lost == ()


@pytest.mark.parametrize("text", [SLO, ENOUGH, PLATFORM], ids=["scraped", "few events", "platform"])
def test_both_promtools_read_the_promql_of_policies(text: str, promtools: tuple[Path, Path], tmp_path: Path) -> None:
    found = queries(policies(text))
    rules = [{"alert": f"A{index}", "expr": query} for index, query in enumerate(found.values())]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "a", "rules": rules}]}), "utf-8")

    assert found
    for promtool in promtools:
        done = subprocess.run([promtool, "check", "rules", tmp_path / "rules.yaml"], capture_output=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("errors", "text", "holds"),
    [(3, SLO, True), (1, SLO, False), (3, ENOUGH, True), (0.003, ENOUGH, False), (0.003, SLO, True)],
)
def test_the_promql_of_three_days_holds_above_its_threshold_with_events_enough(
    errors: float, text: str, holds: bool, promtools: tuple[Path, Path], tmp_path: Path
) -> None:
    """2,000 events between two samples, or 2: so many in three days are more, or fewer, than 1,000."""
    events = 2_000 if errors >= 1 else 0.5
    query = queries(policies(text))["good.ticket-3d"]
    sample = {"labels": "{}", "value": 1}
    labels = 'job="shop",location="europe-west1"'
    case = {
        "evaluation_interval": "5m",
        "tests": [
            {
                "interval": "5m",
                "input_series": [
                    {"series": f'a_total{{{labels},code="200"}}', "values": f"0+{events}x900"},
                    {"series": f'a_total{{{labels},code="500"}}', "values": f"0+{errors}x900"},
                ],
                "promql_expr_test": [
                    {
                        "expr": f"count({query})",
                        "eval_time": "73h",
                        "exp_samples": [sample] * holds,
                    }
                ],
            }
        ],
    }
    (tmp_path / "test.yaml").write_text(yaml.safe_dump(case), "utf-8")

    for promtool in promtools:
        done = subprocess.run([promtool, "test", "rules", tmp_path / "test.yaml"], capture_output=True, check=False)
        assert done.returncode == 0, (done.stdout + done.stderr).decode()
