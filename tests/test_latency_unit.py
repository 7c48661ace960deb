from decimal import Decimal

import pytest

import slogen
from slogen.model import Latency


def bound(histogram: str, unit: str = "") -> Decimal:
    slos = f"""
apiVersion: slogen/v1
service: shop
slos:
  - name: latency
    objective: 99
    sli: {{latency: {{histogram: {histogram}, threshold: 500ms{unit and f", unit: {unit}"}}}}}
"""
    sli = slogen.compile({"slos/shop.yaml": slos}).slos[0].sli
    assert isinstance(sli, Latency)
    return sli.bound


@pytest.mark.parametrize(
    ("histogram", "expected"),
    [
        ("duration_seconds", "0.5"),
        ("duration_milliseconds", "500"),
        ("duration_microseconds", "500000"),
        ("duration_nanoseconds", "500000000"),
    ],
)
def test_the_bound_is_in_the_unit_that_the_name_ends_in(histogram: str, expected: str) -> None:
    assert bound(histogram) == Decimal(expected)


def test_a_unit_that_is_written_need_not_be_in_the_name() -> None:
    assert bound("rtt", "milliseconds") == 500


def test_a_unit_that_the_name_ends_in_may_be_written_too() -> None:
    assert bound("duration_milliseconds", "milliseconds") == 500
