"""SLOs that are tested side by side do not disturb one another."""

import random

import slogen
from slogen.promql import examples
from slogen.proofs.batches import batches
from slogen.proofs.inputs import Driven, drive

MATCHERS = ('job="a"', 'job="b"', 'job=~"a|b"', 'job!="a"', 'code="500"', 'code=~"5.."', 'code!~"4.."', 'zone=""')


def driven(seed: int) -> list[Driven]:
    """SLOs over two metrics, which select by all kinds of matchers."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    slos = []
    for number in range(20):
        metric, few = chance.choice("xy"), ",".join(chance.sample(MATCHERS, chance.randint(0, 3)))
        total = f"{metric}_total{{{few}}}"
        bad = f'{metric}_total{{{few}{"," * bool(few)}result="{chance.choice("pq")}"}}'
        slos.append(
            f"  - {{name: a{number}, objective: 99, sli: {{availability: {{total: '{total}', bad: '{bad}'}}}}}}"
        )
    text = "apiVersion: slogen/v1\nservice: shop\nslos:\n" + "\n".join(slos)
    found = [drive(slo) for slo in slogen.compile({"shop.yaml": text}, targets=["prometheus"]).slos]
    return [one for one in found if isinstance(one, Driven)]


def reads(reader: Driven, fed: Driven) -> bool:
    series = [made.labels for inputs in fed.inputs for made in inputs]
    return any(examples.selects(selector, labels) for selector in reader.reads for labels in series)


def test_each_slo_is_in_the_first_batch_in_which_it_disturbs_nobody() -> None:
    sizes = set()
    for seed in range(20):
        every = driven(seed)
        found: list[list[Driven]] = []
        for one in every:
            quiet = (batch for batch in found if not any(reads(one, other) or reads(other, one) for other in batch))
            room = next(quiet, None)
            if room is None:
                found.append([one])
            else:
                room.append(one)

        assert batches(every) == found
        sizes |= {len(batch) for batch in found}
    assert {1, 2} <= sizes


def test_slos_of_different_jobs_are_one_batch() -> None:
    text = "apiVersion: slogen/v1\nservice: shop\nslos:\n" + "\n".join(
        f"  - {{name: a{n}, objective: 99, sli: {{probe: {{gauge: 'up{{job=\"{n}\"}}'}}}}}}" for n in range(50)
    )
    every = [one for slo in slogen.compile({"shop.yaml": text}).slos if isinstance(one := drive(slo), Driven)]

    assert [len(batch) for batch in batches(every)] == [50]
