"""Rule files as people and programs write them, read without a loss; the near misses stand in errors/bad-rule-file."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from slogen.diagnostics import Report
from slogen.rule_files import ALERT, RECORD, RuleFile, duration, read, served

GENERATED = Path(__file__).parent.parent / "generated/prometheus"

BY_HAND = """\
groups:
- name: shop
  limit: 10
  query_offset: 1m
  partial_response_strategy: abort
  rules:
  - record: shop:requests:rate5m
    expr: |
      sum(rate(shop_requests_total[5m]))
    labels: {team: shop, tier: 1}
  - alert: Down
    expr: &down up{job="shop"} == 0
    for: 1h30m
    keep_firing_for: 500ms
    annotations:
      summary: '{{ $labels.job }} is down'
    x-reason: nobody knows
- name: other
  interval: 2m
  rules:
  - {alert: Gone, expr: *down}
- name: empty
"""
OBJECTS = f"""\
---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {{name: shop}}
spec:
{"".join(f"  {line}" for line in BY_HAND.splitlines(keepends=True))}
---
---
kind: VMRule
spec: {{groups: [{{name: second, concurrency: 2, rules: []}}]}}
"""


def whole(text: str | bytes) -> tuple[RuleFile, ...]:
    """The documents of *text*, of which nothing is wrong."""
    report = Report()
    found = read("shop.yaml", text, report)
    assert not report.diagnostics
    return found


def test_every_field_is_kept_with_its_place() -> None:
    (file,) = whole(BY_HAND)
    shop, other, empty = file.groups
    record, alert = shop.rules

    assert (shop.name, shop.interval, other.interval) == ("shop", None, Decimal(120))
    assert (shop.fields["limit"], shop.fields["partial_response_strategy"]) == ("10", "abort")
    assert (record.kind, record.name, record.expr) == (
        RECORD,
        "shop:requests:rate5m",
        "sum(rate(shop_requests_total[5m]))\n",
    )
    assert record.labels == {"team": "shop", "tier": "1"}
    assert not record.pending
    assert not record.annotations
    assert (alert.kind, alert.name) == (ALERT, "Down")
    assert [alert.pending, alert.keep_firing] == [Decimal(5400), Decimal("0.5")]
    assert alert.annotations == {"summary": "{{ $labels.job }} is down"}
    assert alert.fields["x-reason"] == "nobody knows"
    assert str(alert.place) == "shop.yaml:11:5"
    assert other.rules[0].expr == alert.expr
    assert empty.rules == ()


def test_the_spec_of_an_object_is_the_rule_file_and_each_document_is_one() -> None:
    first, second = whole(OBJECTS)
    (plain,) = whole(BY_HAND)

    assert first.fields["metadata"] == {"name": "shop"}
    assert [rule.fields for group in first.groups for rule in group.rules] == [
        rule.fields for group in plain.groups for rule in group.rules
    ]
    assert first.groups[0].rules[1].place.line == plain.groups[0].rules[1].place.line + 5
    assert second.groups[0].fields["concurrency"] == "2"


MERGED = """\
x-usual: &usual {for: 5m, labels: &labels {team: shop, severity: ticket}}
groups:
- name: shop
  rules:
  - {alert: A, <<: *usual, expr: up}
  - {<<: *usual, alert: B, expr: up, for: 1m}
  - {alert: C, expr: up, for: 2m, <<: [{for: 3m, keep_firing_for: 4m}, *usual]}
  - {alert: D, expr: up, labels: {<<: *labels, severity: page}}
  - {alert: E, expr: up, annotations: {"<<": no merge}}
"""


def test_merge_keys_are_what_they_stand_for_and_what_is_written_beside_them_wins() -> None:
    (file,) = whole(MERGED)
    a, b, c, d, e = file.groups[0].rules

    assert [int(rule.pending) for rule in (a, b, c, d)] == [300, 60, 120, 0]
    assert (a.labels, b.labels) == (c.labels, a.labels) == ({"team": "shop", "severity": "ticket"},) * 2
    assert int(c.keep_firing) == 240
    assert d.labels == {"team": "shop", "severity": "page"}
    assert e.annotations == {"<<": "no merge"}
    report = Report()
    read("shop.yaml", MERGED.replace("for: 5m,", "for: soon,"), report)
    assert {str(found.position) for found in report.diagnostics} == {"shop.yaml:1:23"}, "where it is written"


@pytest.mark.parametrize("merged", ["text", "[a, b]", "*name", "&self {<<: *self}"])
def test_what_merges_no_mapping_is_told(merged: str) -> None:
    report = Report()
    read("shop.yaml", f"name: &name shop\ngroups: [{{name: a, <<: {merged}, rules: []}}]\n", report)

    assert {found.code for found in report.diagnostics} <= {"merge-key", "yaml-syntax"}
    assert report.failed


def test_a_file_without_groups_in_its_list_or_without_anything_is_read() -> None:
    assert whole("groups:\n")[0].groups == ()
    assert whole("# nothing yet\n") == ()


@pytest.mark.parametrize("path", sorted(GENERATED.glob("*.yaml")), ids=lambda path: path.stem)
def test_what_slogen_writes_is_read_again(path: Path) -> None:
    (file,) = whole(path.read_bytes())
    rules = [rule for group in file.groups for rule in group.rules]

    assert all(group.interval and group.name.startswith("slogen-") for group in file.groups)
    assert len(rules) == path.read_text("utf-8").count("\n        expr: ")


def test_a_file_that_is_larger_than_any_slo_file_is_read() -> None:
    rules = "".join(f"  - {{record: 'a:b:c{number}', expr: 'up'}}\n" for number in range(40_000))
    (file,) = whole(f"groups:\n- name: many\n  rules:\n{rules}")

    assert len(file.groups[0].rules) == 40_000


@pytest.mark.parametrize("text", ["groups: [", "groups: []\ngroups: []", "groups: !x []", "\x00", b"\xff"])
def test_what_is_no_yaml_is_told_and_nothing_raised(text: str | bytes) -> None:
    report = Report()
    read("shop.yaml", text, report)

    assert report.failed


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", "0"), ("0s", "0"), ("1m30s", "90"), ("90s", "90"), ("250ms", "0.25"), ("2w1d", "1296000")],
)
def test_durations_are_seconds(text: str, seconds: str) -> None:
    assert duration(text) == Decimal(seconds)


@pytest.mark.parametrize("text", ["", "5", "m", "1.5h", "30s5m", "-5m", "5 m", "99999999999y"])
def test_what_is_no_duration_is_none(text: str) -> None:
    assert duration(text) is None


def test_what_does_not_tell_of_rules_is_told() -> None:
    strange_groups: list[Any] = [
        7,
        [{"rules": []}],
        [{"name": "a", "rules": [{}]}],
        [{"name": "a", "interval": "soon"}],
    ]
    answers: list[Any] = [{}, [], None, *({"groups": groups} for groups in strange_groups)]
    for strange in answers:
        report = Report()
        assert served(strange, "https://prometheus.example.com", report) == ()
        assert report.failed
    nothing: list[Any] = [[], None]
    for groups in nothing:
        report = Report()
        assert (served({"groups": groups}, "server", report), report.failed) == ((), False)
