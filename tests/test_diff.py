"""What a change means: every case in tests/diffs, and what holds for any two sets of rules."""

import copy
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from comparing import CASES, cases, comparison, said
from slo_strategies import ORGANISATION, services, written
from slogen.changes import Change, Comparison, Impact, facts
from slogen.changes.comparing import Side, compare
from slogen.changes.compiling import Sources
from slogen.changes.data import as_data
from slogen.changes.sides import rule_side, whole
from slogen.changes.terms import CODES
from slogen.changes.text import laid_out, lines
from slogen.diagnostics import CompileError, Report
from slogen.promql.meaning import same

GENERATED = Path(__file__).resolve().parent.parent / "generated/prometheus"


@pytest.mark.parametrize("case", cases())
def test_a_change_is_told_as_it_is_written_down(case: str, tmp_path: Path) -> None:
    for name, text in said(comparison(case, tmp_path)).items():
        assert text == (CASES / case / name).read_text("utf-8"), f"read it, then run python tests/comparing.py: {name}"


@pytest.mark.parametrize(
    "case",
    [
        "comments-changed",
        "file-renamed",
        "independent-rules-moved",
        "objective-written-otherwise",
        "rule-in-another-file",
        "rules-laid-out-otherwise",
        "sli-written-otherwise",
        "slos-reordered",
        "tiers-reordered",
    ],
)
def test_what_means_the_same_is_no_change(case: str, tmp_path: Path) -> None:
    assert not comparison(case, tmp_path)


BREAKING = {
    "alert-of-a-rule-file-renamed",
    "alert-renamed",
    "base-window-changed",
    "labels-of-a-record-changed",
    "new-warning",
    "page-tier-lost",
    "record-of-a-rule-file-renamed",
    "rule-moved-before-what-it-reads",
    "service-renamed",
    "sli-changed",
    "slo-removed",
    "slo-renamed",
    "slo-replaced",
}


@pytest.mark.parametrize("case", cases())
def test_breaking_is_what_loses_pages_history_or_routes_and_nothing_else(case: str, tmp_path: Path) -> None:
    assert (comparison(case, tmp_path).impact is Impact.BREAKING) is (case in BREAKING)


def test_every_code_of_a_term_is_explained_and_every_explained_one_is_used() -> None:
    used = {term["code"] for case in cases() for slo in told(case)["slos"] for term in slo["terms"]}

    assert used <= CODES.keys()
    assert CODES.keys() - used == {"firing", "replay", "alert-gained"}, "live, and the opposite of alert-lost"


def told(case: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((CASES / case / "diff.json").read_text("utf-8"))
    return data


@pytest.mark.parametrize("case", cases())
def test_the_json_has_all_that_the_text_says(case: str) -> None:
    data = json.dumps(told(case), ensure_ascii=False)
    words = {word for line in (CASES / case / "diff.txt").read_text("utf-8").splitlines() for word in significant(line)}

    assert [word for word in words if word not in data] == []


def significant(line: str) -> Iterator[str]:
    """Names, numbers and places in a line of the text, without what the layout adds; queries are laid out anew."""
    if "->" in line or line.lstrip().startswith(("!", "*", "+ record", "- record", "+ alert", "- alert", "~ SLO")):
        for word in line.replace("(", " ").replace(")", " ").replace(",", " ").split():
            if any(character.isdigit() for character in word) and not set("=:\\") & set(word):
                yield word


# What holds for any rules


@cache
def texts() -> tuple[str, ...]:
    return tuple(path.read_text("utf-8") for path in sorted(GENERATED.glob("*.yaml")))


def side(document: Any) -> Side:
    report = Report()
    text = document if isinstance(document, str) else yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False)
    read = rule_side("a side", {"rules.yaml": text}, report)
    assert not report.found
    return read


@pytest.mark.parametrize("file", sorted(path.name for path in GENERATED.glob("*.yaml")))
def test_nothing_differs_from_itself(file: str) -> None:
    text = (GENERATED / file).read_text("utf-8")

    assert compare(side(text), side(text)) == Comparison("a side", "a side", unchanged=text.count('record: "slo_info"'))


@pytest.mark.parametrize("file", sorted(path.name for path in GENERATED.glob("*.yaml")))
def test_neither_does_it_when_another_program_lays_it_out_in_another_order(file: str) -> None:
    text = (GENERATED / file).read_text("utf-8")
    document = yaml.safe_load(text)
    document["groups"].reverse()
    for group in document["groups"]:
        group["rules"] = [dict(reversed(rule.items())) for rule in group["rules"]]
        for rule in group["rules"]:
            rule["expr"] = " \n".join(rule["expr"].split(" ")) if '"' not in rule["expr"] else f"( {rule['expr']} )"

    assert not compare(side(text), side(document))


Mutate = Callable[[dict[str, Any], dict[str, Any]], object]

MUTATIONS: dict[str, Mutate] = {
    "another number": lambda _, rule: rule.update(expr=f"1 + ({rule['expr']})"),
    "another window": lambda _, rule: rule.update(expr=f"max_over_time(({rule['expr']})[7m:1m])"),
    "another label": lambda _, rule: rule.setdefault("labels", {}).update(added="1"),
    "a label less": lambda _, rule: rule["labels"].popitem(),
    "another value": lambda _, rule: rule["labels"].update({next(iter(rule["labels"])): "another"}),
    "another name": lambda _, rule: rule.update(
        {kind: f"{rule[kind]}_" for kind in ("alert", "record") if kind in rule}
    ),
    "another wait": lambda _, rule: rule.update({"for": "7m"}),
    "another rest": lambda _, rule: rule.update(keep_firing_for="7m"),
    "another annotation": lambda _, rule: rule.setdefault("annotations", {}).update(added="1"),
    "a field of tomorrow": lambda _, rule: rule.update(some_day={"a": ["b"]}),
    "another rhythm": lambda group, _: group.update(interval="7m"),
    "a limit": lambda group, _: group.update(limit=7),
    "an offset": lambda group, _: group.update(query_offset="7s"),
    "labels of all": lambda group, _: group.update(labels={"added": "1"}),
    "a field of all of tomorrow": lambda group, _: group.update(some_day="a"),
    "another group": lambda group, _: group.update(name=f"{group['name']}-"),
    "one rule less": lambda group, rule: group["rules"].remove(rule),
    "a rule twice": lambda group, rule: group["rules"].append(copy.deepcopy(rule)),
}


@cache
def documents() -> tuple[tuple[Any, Side], ...]:
    return tuple((yaml.load(text, yaml.CSafeLoader), side(text)) for text in texts())


@settings(max_examples=120)
@given(st.data())
def test_every_change_of_one_field_of_a_generated_rule_is_told_with_its_place(data: st.DataObject) -> None:
    original, was = documents()[data.draw(st.integers(0, len(texts()) - 1))]
    name = data.draw(st.sampled_from(sorted(MUTATIONS)))
    changed = copy.deepcopy(original)
    group = data.draw(st.sampled_from(changed["groups"]))
    MUTATIONS[name](group, data.draw(st.sampled_from(group["rules"])))

    found = compare(was, side(changed))

    assert found, name
    assert all(rule.after or rule.before for rule in found.rules)
    assert json.loads(json.dumps(as_data(found)))["changed"] is True
    assert all(line.text.isprintable() for line in lines(found))
    assert len(found.rules) + len(found.groups) <= len(group["rules"]) + 2, "one change does not look like many"


@pytest.mark.parametrize("text", texts(), ids=[path.stem for path in sorted(GENERATED.glob("*.yaml"))])
def test_a_query_is_laid_out_without_a_change_of_what_it_asks(text: str) -> None:
    for group in yaml.safe_load(text)["groups"]:
        for rule in group["rules"]:
            assert same("\n".join(laid_out(rule["expr"])), rule["expr"])


@pytest.mark.parametrize(
    "query", ['a{b="x  and  y"} and c', "a{b=`( or )`} or d", 'label_replace(a, "x", "( $1 )", "y", "z")']
)
def test_a_query_is_laid_out_without_a_change_of_its_strings(query: str) -> None:
    assert same("\n".join(laid_out(query)), query)


# What one SLO does is not put down to others


def test_a_service_that_one_slo_joins_is_no_change_of_the_others(tmp_path: Path) -> None:
    found = comparison("slo-added", tmp_path)

    assert [(slo.change, slo.id) for slo in found.slos] == [(Change.ADDED, "shop-latency")]
    assert found.unchanged == 1
    (shared,) = [rule for rule in found.rules if rule.change is Change.CHANGED]
    assert (shared.slos, shared.joined, shared.left) == ((), ("shop-latency",), ())


def test_a_shared_rule_that_is_defined_otherwise_changes_every_slo_that_it_selects() -> None:
    text = (GENERATED / "checkout.rules.yaml").read_text("utf-8")
    was = 'sum_over_time(slo:sli_errors:rate4m{slo_service="checkout"}[5m])'
    assert was in text

    (rule,) = compare(side(text), side(text.replace(was, was.replace("[5m]", "[6m]")))).rules

    assert rule.slos == ("checkout-availability", "checkout-latency")


def test_a_shared_rule_that_no_longer_selects_an_slo_changes_nothing_for_the_others() -> None:
    text = (GENERATED / "checkout.rules.yaml").read_text("utf-8")
    ratio = 'rate4m{slo_service="checkout"}[5m]'
    assert text.count(ratio) == 2

    found = compare(side(text), side(text.replace(ratio, 'rate4m{slo_id="checkout-latency"}[5m]')))

    (rule,) = found.rules
    assert (rule.slos, rule.joined, rule.left) == ((), (), ("checkout-availability",))
    assert rule.impact is Impact.CHANGE


# What holds for any SLOs


def compiled_side(text: str) -> Side | None:
    """What a right service compiles to."""
    config = ("slogen.yaml", f"targets: [prometheus]\n{ORGANISATION}")
    try:
        return whole(Sources("a side", {"slos/a.yaml": text}, config))
    except CompileError:
        return None


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(services())
def test_the_rules_of_any_slo_tell_of_it_what_its_file_tells(service: Any) -> None:
    found = compiled_side(written(service))
    assume(found is not None)
    assert found
    rules = [rule for file in found.rules for group in file.groups for rule in group.rules]
    for slo in found.slos:
        own = [rule for rule in rules if rule.labels.get("slo_id") == slo.id]
        if own:
            file, told = facts.of_slo(slo), facts.of_rules(facts.of_slo(slo).subject, own)
            assert told[:4] == file[:4], "identity, objective, window and tiers"
            assert told.bases == file.bases
            assert {(one.role, one.name) for one in told.alerts} == {(one.role, one.name) for one in file.alerts}


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(services(), services())
def test_of_any_two_services_all_is_told_and_of_one_and_itself_nothing(one: Any, other: Any) -> None:
    was, now = compiled_side(written(one)), compiled_side(written(other))
    assume(was is not None and now is not None)
    assert was
    assert now

    assert not compare(was, was)
    found = compare(was, now)

    both = {slo.id for slo in was.slos} & {slo.id for slo in now.slos}
    assert {slo.id for slo in found.slos if slo.change is Change.ADDED} <= {slo.id for slo in now.slos} - both
    assert {slo.id for slo in found.slos if slo.change is Change.REMOVED} <= {slo.id for slo in was.slos} - both
    assert all(line.text.isprintable() for line in lines(found))
    assert json.loads(json.dumps(as_data(found)))["changed"] is bool(found)
