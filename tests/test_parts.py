"""What parts can promise together, within a file, across files, and when only some files are compiled."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import slogen
from command import slogen as run
from slogen.parts import Given, Parallel, Part, Reference, Series, called, percent_kept, together, weakest

SLO = "  - {{name: {name}, objective: {objective}, sli: {{probe: {{gauge: up}}}}{more}}}\n"


def part(percent: str) -> Given:
    return Given(f"{percent} %", Decimal(percent) / 100)


def file(service: str, *slos: tuple[str, str, str]) -> str:
    """An SLO file: each SLO is a name, an objective and what it depends on."""
    listed = (SLO.format(name=name, objective=of, more=f", depends_on: {on}" if on else "") for name, of, on in slos)
    return f"apiVersion: slogen/v1\nservice: {service}\nslos:\n{''.join(listed)}"


@pytest.mark.parametrize(
    ("whole", "availability"),
    [
        (Series((part("99.9"),)), "0.999"),
        (Series((part("99.9"), part("99.95"))), "0.9985005"),
        (Parallel((part("99.9"), part("99"))), "0.99999"),
        (Series((part("99.99"), Parallel((part("99"), part("99"))))), "0.99980001"),
        (Parallel((part("90"), Series((part("90"), part("90"))))), "0.981"),
    ],
)
def test_in_series_availabilities_multiply_and_in_parallel_unavailabilities(whole: Part, availability: str) -> None:
    assert together(whole, {}) == Fraction(availability)


parts = st.recursive(
    st.sampled_from(["50", "90", "99", "99.9"]).map(part),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        .map(tuple)
        .flatmap(lambda several: st.sampled_from([Series(several), Parallel(several)]))
    ),
    max_leaves=6,
)


def _works(whole: Part, states: Iterator[bool]) -> bool:
    match whole:
        case Series(inner):
            return all([_works(one, states) for one in inner])  # noqa: C419 - each part takes its state
        case Parallel(inner):
            return any([_works(one, states) for one in inner])  # noqa: C419
        case _:
            return next(states)


def _leaves(whole: Part) -> list[Given]:
    match whole:
        case Given():
            return [whole]
        case Series(inner) | Parallel(inner):
            return [leaf for one in inner for leaf in _leaves(one)]
        case _:
            return []


@given(parts)
def test_the_formula_is_the_sum_over_every_combination_of_what_works(whole: Part) -> None:
    leaves = _leaves(whole)
    total = Fraction(0)
    for states in product((True, False), repeat=len(leaves)):
        if _works(whole, iter(states)):
            chance = Fraction(1)
            for leaf, up in zip(leaves, states, strict=True):
                chance *= Fraction(leaf.availability) if up else 1 - Fraction(leaf.availability)
            total += chance

    assert together(whole, {}) == total


def test_the_weakest_part_is_the_one_in_series_that_takes_most_and_parallel_ones_are_one() -> None:
    copies = Parallel((Reference("cache/a", ()), Reference("cache/b", ())))
    promises = {"cache/a": Fraction("0.9"), "cache/b": Fraction("0.9"), "db/up": Fraction("0.995")}
    whole = Series((Reference("db/up", ()), Series((copies, part("99.9")))))

    assert called(weakest(whole, promises)) == "(cache/a or cache/b)"
    assert called(weakest(whole, promises | {"cache/a": Fraction("0.99")})) == "db/up"


@pytest.mark.parametrize(
    ("availability", "printed"),
    [("0.999", "99.9"), ("0.9985005", "99.85"), ("0.99850049", "99.85"), ("0.99849999", "99.8499")],
)
def test_what_parts_promise_is_never_rounded_up(availability: str, printed: str) -> None:
    assert percent_kept(Fraction(availability)) == printed
    assert Fraction(printed) / 100 <= Fraction(availability)


def test_a_part_is_found_in_another_file_by_either_of_its_names() -> None:
    files = {
        "slos/checkout.yaml": file("checkout", ("up", "99", "[payment/up, ledger-up]")),
        "slos/payment.yaml": file("payment", ("up", "99.9", "")),
        "slos/ledger.yaml": file("ledger", ("up", "99.5", "")),
    }

    compilation = slogen.compile(files)

    assert compilation.warnings == ()
    assert compilation.combined["checkout-up"].availability == Fraction("0.994005")
    assert list(compilation.combined) == ["checkout-up"]


def test_dependencies_change_no_rule() -> None:
    alone = slogen.compile({"slos/shop.yaml": file("shop", ("up", "99", ""), ("db", "99.9", ""))})
    depending = slogen.compile({"slos/shop.yaml": file("shop", ("up", "99", "[shop/db]"), ("db", "99.9", ""))})

    assert depending.artifacts == alone.artifacts


def test_a_single_file_is_compiled_with_what_its_neighbours_promise(tmp_path: Path) -> None:
    (tmp_path / "slogen.yaml").touch()
    folder = tmp_path / "slos/shop"
    folder.mkdir(parents=True)
    (folder / "checkout.yaml").write_text(file("checkout", ("up", "99.9", "[payment/up]")), "utf-8")
    (folder / "payment.yaml").write_text(file("payment", ("up", "99.5", "[ledger-up]")), "utf-8")
    (folder.parent / "ledger.yaml").write_text(file("ledger", ("up", "99.99", "")), "utf-8")

    told = run("compile", "slos/shop/checkout.yaml", cwd=tmp_path)

    assert told.returncode == 0, told.stderr
    assert "is above 99.5, all that its parts can promise together; the weakest is payment/up with 99.5" in told.stderr
    assert [path.name for path in (tmp_path / "generated/prometheus").iterdir()] == ["checkout.rules.yaml"]


def test_of_two_neighbours_that_promise_the_same_the_nearer_counts(tmp_path: Path) -> None:
    (tmp_path / "slogen.yaml").touch()
    for folder, objective in (("a-team", "50"), ("shop", "99.5"), ("tests", "60")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "payment.yaml").write_text(file("payment", ("up", objective, "")), "utf-8")
    (tmp_path / "shop/checkout.yaml").write_text(file("checkout", ("up", "99.9", "[payment/up]")), "utf-8")

    told = run("compile", "shop/checkout.yaml", cwd=tmp_path)

    assert "the weakest is payment/up with 99.5" in told.stderr


def test_a_circle_through_a_neighbour_is_told_where_it_is_compiled(tmp_path: Path) -> None:
    (tmp_path / "slogen.yaml").touch()
    (tmp_path / "checkout.yaml").write_text(file("checkout", ("up", "99", "[payment/up]")), "utf-8")
    (tmp_path / "payment.yaml").write_text(file("payment", ("up", "99.9", "[checkout/up]")), "utf-8")

    told = run("compile", "payment.yaml", cwd=tmp_path)

    assert told.returncode == 2
    assert told.stderr.startswith("payment.yaml:4:")
    assert "payment/up depends on itself: payment/up -> checkout/up -> payment/up" in told.stderr


def test_a_neighbour_that_does_not_compile_is_named(tmp_path: Path) -> None:
    (tmp_path / "slogen.yaml").touch()
    (tmp_path / "checkout.yaml").write_text(file("checkout", ("up", "99", "[payment/up]")), "utf-8")
    (tmp_path / "payment.yaml").write_text(file("payment", ("up", "99.9x", "")), "utf-8")

    told = run("compile", "checkout.yaml", cwd=tmp_path)

    assert told.returncode == 2
    assert "SLO 'payment/up' was not found; payment.yaml, which may hold it, does not compile" in told.stderr


def test_a_neighbour_that_no_slo_file_needs_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "slogen.yaml").write_text("targets: [prometheus]")
    (tmp_path / "checkout.yaml").write_text(
        file("checkout", ("up", "99", "[checkout/db]"), ("db", "99.9", "")), "utf-8"
    )
    (tmp_path / "broken.yaml").write_text("{", "utf-8")

    told = run("compile", "checkout.yaml", cwd=tmp_path)

    assert (told.returncode, told.stderr) == (0, "1 file: 1 written, 0 unchanged, 0 removed\n")
