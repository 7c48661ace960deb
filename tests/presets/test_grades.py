"""What is good, bad and not counted, for every choice, against counting the responses one by one."""

import operator
from collections.abc import Callable

import pytest

from slogen.presets._grades import Condition, Part, ResponseParams, by_class, by_range, two_parts

GRADES = ("good", "bad", "ignored")
CHOICES = [(a, b, c) for a in GRADES for b in GRADES for c in GRADES]
STATUSES = (0, 100, 200, 299, 300, 304, 399, 400, 404, 499, 500, 503, 599)
OPERATORS: dict[str, Callable[[int, int], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">=": operator.ge,
}


def params(choice: tuple[str, str, str]) -> ResponseParams:
    redirects, client_errors, server_errors = choice
    return ResponseParams(redirects=redirects, client_errors=client_errors, server_errors=server_errors)


def grade(status: int, choice: tuple[str, str, str]) -> str:
    """What a response is by itself; without a status, and with one below 300, it is good."""
    return "good" if status < 300 else choice[status // 100 - 3]


def holds_by_number(part: Part, status: int) -> bool:
    return all(OPERATORS[op](status, hundred * 100) for op, hundred in part.conditions)


def holds_by_class(part: Part, status: int) -> bool:
    return all(OPERATORS[op](status // 100, hundred) for op, hundred in part.conditions)


def counted(parts: tuple[Part, Part], holds: Callable[[Part, int], bool], status: int) -> str:
    """What two filters, good + bad being the total, make of a response."""
    roles = {part.role: holds(part, status) for part in parts}
    total = roles.get("total", roles.get("good", False) or roles.get("bad", False))
    bad = roles["bad"] if "bad" in roles else total and not roles["good"]
    good = roles["good"] if "good" in roles else total and not roles["bad"]
    assert not (good and bad)
    assert total == (good or bad)
    return "bad" if bad else "good" if good else "ignored"


@pytest.mark.parametrize("choice", CHOICES, ids="-".join)
def test_two_filters_on_the_class_count_as_chosen(choice: tuple[str, str, str]) -> None:
    parts = two_parts(params(choice), by_class)

    if parts is None:
        assert "bad" not in choice
    else:
        assert [counted(parts, holds_by_class, status) for status in STATUSES] == [
            grade(status, choice) for status in STATUSES
        ]


@pytest.mark.parametrize("choice", CHOICES, ids="-".join)
def test_two_filters_on_the_number_count_as_chosen(choice: tuple[str, str, str]) -> None:
    parts = two_parts(params(choice), by_range)

    if parts is not None:
        assert [counted(parts, holds_by_number, status) for status in STATUSES] == [
            grade(status, choice) for status in STATUSES
        ]


def test_what_ranges_cannot_say_is_left_to_an_objection() -> None:
    refused = [choice for choice in CHOICES if "bad" in choice and two_parts(params(choice), by_range) is None]

    assert refused == [
        ("bad", "good", "bad"),
        ("bad", "ignored", "good"),
        ("bad", "ignored", "bad"),
        ("ignored", "good", "bad"),
        ("ignored", "bad", "good"),
    ]


def test_redirects_are_good_client_errors_not_counted_and_server_errors_bad_unless_chosen_otherwise() -> None:
    assert two_parts(ResponseParams(), by_class) == (
        Part("total", (Condition("!=", 4),)),
        Part("bad", (Condition("=", 5),)),
    )
    assert two_parts(ResponseParams(), by_range) == (
        Part("bad", (Condition(">=", 5),)),
        Part("good", (Condition("<", 4),)),
    )
