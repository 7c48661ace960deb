"""`slogen.diff` for programs."""

import pytest

import slogen
from slogen.changes import Change, Impact

FILE = """\
apiVersion: slogen/v1
service: shop
slos:
  - name: up
    objective: OBJECTIVE
    sli: {probe: {gauge: up}}
"""


def files(objective: str) -> dict[str, str]:
    return {"slos/shop.yaml": FILE.replace("OBJECTIVE", objective)}


def test_what_changed_is_told_in_the_words_of_slos() -> None:
    found = slogen.diff(files("99.9"), files("99.95"))

    (slo,) = found.slos
    assert (slo.change, slo.id, found.impact) == (Change.CHANGED, "shop-up", Impact.CHANGE)
    assert "objective 99.9 % -> 99.95 %, budget 43m12s -> 21m36s per 30d" in [term.message for term in slo.terms]


def test_what_is_the_same_is_no_difference() -> None:
    assert not slogen.diff(files("99.9"), files("99.90"))


def test_each_side_has_an_organisation_of_its_own() -> None:
    found = slogen.diff(files("99"), files("99"), organisation=("slogen.yaml", "window: 7d"))

    assert [slo.id for slo in found.slos] == ["shop-up"]


def test_what_does_not_compile_any_more_is_an_error_and_what_did_not_before_is_a_note() -> None:
    with pytest.raises(slogen.CompileError):
        slogen.diff(files("99"), files("100"))

    found = slogen.diff(files("100"), files("99"))

    assert "does-not-compile" in [note.code for note in found.notes]
