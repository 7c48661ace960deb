"""A snooze of a check lasts until its day is over, and names a day that there is."""

import pytest

import slogen
from slogen import CompileError
from slogen.live import snoozing
from slogen.model import Slo

FILE = """\
apiVersion: slogen/v1
service: checkout
slos:
  - name: availability
    objective: 99.9
    sli: {probe: {gauge: up}}
    checks:
      - {snooze: wrong-type, until: 2027-01-01, reason: no metadata}
      - {snooze: low-traffic, until: DAY, reason: "the shop\\nopens"}
"""
MIDNIGHT = 1_798_675_200
"""The end of 2026-12-30 and the beginning of 2026-12-31 in UTC, in Unix seconds."""


def slo(day: str) -> Slo:
    (found,) = slogen.compile({"checkout.yaml": FILE.replace("DAY", day)}).slos
    return found


def test_a_snooze_lasts_to_the_end_of_its_day_in_utc() -> None:
    snooze = snoozing.of(slo("2026-12-30"), "low-traffic")

    assert snooze is not None
    assert not snoozing.is_over(snooze, MIDNIGHT - 1)
    assert snoozing.is_over(snooze, MIDNIGHT)


def test_of_several_those_that_are_over_are_told_each_at_its_day() -> None:
    one = slo("2026-12-30")

    (told,) = snoozing.all_over([one], MIDNIGHT)
    assert (str(told.position), told.code) == ("checkout.yaml:9:38", "stale-snooze")
    assert len([*snoozing.all_over([one], MIDNIGHT + 2 * 86_400)]) == 2
    assert [*snoozing.all_over([one], MIDNIGHT - 1)] == []


def test_a_check_that_nobody_snoozes_has_no_snooze() -> None:
    assert snoozing.of(slo("2026-12-30"), "missing-series") is None


def test_the_reason_is_one_line() -> None:
    assert [snooze.reason for snooze in slo("2026-12-30").snoozes] == ["no metadata", "the shop opens"]


@pytest.mark.parametrize("day", ["2027-02-29", "2100-02-29", "2026-02-30"])
def test_a_day_that_a_year_does_not_have_is_refused(day: str) -> None:
    with pytest.raises(CompileError, match=rf"checkout.yaml:9:38: error: there is no day {day}; .*\[bad-day\]"):
        slo(day)


@pytest.mark.parametrize("day", ["2028-02-29", "2026-02-28"])
def test_a_day_that_it_has_is_not(day: str) -> None:
    assert slo(day).snoozes[1].until == day


def test_a_snooze_changes_nothing_of_what_is_written() -> None:
    snoozed = slogen.compile({"checkout.yaml": FILE.replace("DAY", "2026-12-30")})
    plain = slogen.compile({"checkout.yaml": FILE.partition("    checks:")[0]})

    assert [artifact.text for artifact in snoozed.artifacts] == [artifact.text for artifact in plain.artifacts]
