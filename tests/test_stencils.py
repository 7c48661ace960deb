"""Rules of SLOs that are alike, which are written once: every file is what each of its SLOs gives by itself."""

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import assume, given, settings

import slogen
from slo_strategies import ORGANISATION, services, written
from slogen import Compilation, naming, stencils
from slogen.backends import promtool_tests
from slogen.model import Datasource, Slo
from slogen.promrules import lower
from slogen.prose import Prose, packaged
from slogen.units import Window

OTHERS = str.maketrans("abcdefghijklmnopqrstuvwxyz0123456789", "nopqrstuvwxyzabcdefghijklm5678901234")
"""Each letter and digit as another one, so that a name becomes another of the same length."""

SLOS = """
apiVersion: slogen/v1
service: {service}
slos:
  - {{name: one, objective: 99.9, description: {described}, sli: {{probe: {{gauge: up}}}}}}
  - {{name: two, objective: 99.9, description: {described}, sli: {{probe: {{gauge: down}}}}}}
"""


def twin(spec: dict[str, Any]) -> dict[str, Any]:
    """The same promises under other names, of something else."""
    slos = [{**slo, "name": slo["name"].translate(OTHERS), "sli": {"probe": {"gauge": "up"}}} for slo in spec["slos"]]
    return {**spec, "service": spec["service"].translate(OTHERS), "slos": slos}


def by_themselves(compilation: Compilation, prose: Prose) -> list[str]:
    """The rule files, each rule lowered and laid out anew."""
    every = (promtool_tests.testable(rules) for rules in compilation.rules)
    return [
        prose.rules(naming.header(rules.source), [group for planned in rules.sets for group in lower(planned, prose)])
        for rules in every
        if rules.sets
    ]


def compiled(files: dict[str, str], prose: Prose, organisation: str = "") -> Compilation:
    return slogen.compile(files, organisation=("slogen.yaml", organisation), targets=["prometheus"], prose=prose)


@settings(max_examples=60)
@given(services())
def test_alike_or_not_each_slo_has_the_rules_that_it_has_by_itself(spec: dict[str, Any]) -> None:
    prose = Prose()

    compilation = compiled({"a.yaml": written(spec), "b.yaml": written(twin(spec))}, prose, ORGANISATION)

    # What Cloud Monitoring measures has no rules in these files.
    assume(all(slo.datasource is Datasource.PROMETHEUS for slo in compilation.slos))
    assert [artifact.text for artifact in compilation.artifacts] == by_themselves(compilation, prose)


@pytest.mark.parametrize("described", ["\ufde0", "\ufde0\ufde0\ufde0\ufde0", "\ufde1\ufde1\ufde1", "none of them"])
def test_what_stands_in_for_a_name_is_not_taken_for_one_where_the_user_wrote_it(described: str) -> None:
    prose = Prose()
    files = {f"{service}.yaml": SLOS.format(service=service, described=described) for service in ("shop", "cart")}

    compilation = compiled(files, prose)

    assert [artifact.text for artifact in compilation.artifacts] == by_themselves(compilation, prose)
    assert all(artifact.text.count(f'description: "{described}"') == 2 for artifact in compilation.artifacts)


def test_a_template_of_the_users_sees_every_rule_of_every_slo() -> None:
    own = packaged()["prometheus/rules.yaml.j2"]
    text = own.replace("[%- else %]", "[%- else %]\n# [[ rule.labels.slo_id | bare ]]")
    prose = Prose({"prometheus/rules.yaml.j2": text}, "templates")

    (artifact,) = compiled({"shop.yaml": SLOS.format(service="shop", described="x")}, prose).artifacts

    assert artifact.text.count("# shop-one") == artifact.text.count("# shop-two") == 3


def test_what_slos_are_alike_by_is_all_that_they_are_but_for_names_and_what_they_measure() -> None:
    (one, two) = compiled({"shop.yaml": SLOS.format(service="shop", described="x")}, Prose()).slos
    assert stencils.likeness(one) == stencils.likeness(two)
    unread = {"service", "name", "sli", "place", "cloud", "depends_on", "snoozes"}
    for name in {field.name for field in fields(Slo)} - unread:
        assert stencils.likeness(changed(one, name)) != stencils.likeness(one), name
    assert stencils.likeness(changed(one, "sli")) == stencils.likeness(one)


def changed(slo: Slo, name: str) -> Slo:
    """*slo* with something else as its *name*."""
    value = getattr(slo, name)
    match value:
        case bool():
            other: Any = not value
        case Window():
            other = Window(value + 60)
        case str() | tuple() | None:
            other = "other"
        case dict():
            other = {**value, "other": "one"}
        case _:
            other = value
    if name in ("alerts", "no_data"):
        alert = value[0] if name == "alerts" else value
        alert = alert._replace(labels={**alert.labels, "other": "one"})
        other = (alert, *value[1:]) if name == "alerts" else alert
    if name == "objective":
        other = value - value / 10
    if name == "min_events":
        other = 7
    given = {field.name: getattr(slo, field.name) for field in fields(Slo)}
    return Slo(**{**given, name: other})
