"""The tests of a service: cases of SLOs whose inputs do not overlap, side by side, as a reader of promtool's files."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from slogen import naming
from slogen.model import Severity, Slo
from slogen.proofs.asking import Asked, Question, answers, ask
from slogen.proofs.batches import batches
from slogen.proofs.cases import Case, cases
from slogen.proofs.inputs import Driven, Input, drive
from slogen.proofs.samples import kind, samples
from slogen.proofs.subject import Kind
from slogen.proofs.traffic import Phase, Timeline, length
from slogen.proofs.watching import clock
from slogen.proofs.wording import Told, wording
from slogen.prose import Prose
from slogen.rules import ServiceRules

PACES: Final = ("fast", "slow", "tier")
_NOT_ALL_FED: Final = "what alerts say: not all SLOs of its service can be fed at once, and who is not alerts, too"


class Series(NamedTuple):
    """A series to feed."""

    series: str
    values: str


class Test(NamedTuple):
    """
    What happens to some SLOs, and what must be seen of them.

    Attributes:
        name: a sentence.
        interval: between samples.
        slow: whether it is about tickets.
        slos: their ids.
        told: what alerts say.
    """

    name: str
    interval: str
    series: tuple[Series, ...]
    asked: tuple[Asked, ...]
    slow: bool
    slos: tuple[str, ...]
    told: tuple[Told, ...]


class Suite(NamedTuple):
    """
    Tests that evaluate the rules at one pace.

    Attributes:
        native: whether they feed native histograms, which promtool reads from 3.0 on.
        order: of the rule groups; promtool knows no intervals, and would take them in any order.
    """

    service: str
    step: str
    native: bool
    order: tuple[str, ...]
    tests: tuple[Test, ...]

    @property
    def file(self) -> str:
        """What the file is called."""
        return naming.tests_file(self.service, self.step, native=self.native)


class Unproven(NamedTuple):
    """What no test shows of an SLO, and why."""

    slo: str
    reason: str


class Proof(NamedTuple):
    """All that is tested of a service."""

    suites: tuple[Suite, ...]
    unproven: tuple[Unproven, ...]


def proven(rules: ServiceRules, prose: Prose) -> Proof:
    """The tests of the SLOs of a service."""
    slos = tuple(slo for planned in rules.sets for slo in planned.everyone.slos)
    driven, unproven = [], []
    for slo in slos:
        made = drive(slo)
        if isinstance(made, str):
            unproven.append(Unproven(slo.id, made))
        else:
            driven.append(made)
            unproven += [Unproven(slo.id, reason) for reason in cases(made.subject).unproven]
    found: dict[tuple[int, bool], list[Test]] = {}
    for native in (False, True):
        wanted = [one for one in driven if (one.subject.kind is Kind.NATIVE) == native]
        for batch in batches(wanted):
            for step, test in _tests(batch, everyone=len(batch) == len(slos)):
                found.setdefault((step, native), []).append(test)
    if said := _wording(driven, prose):
        step, test = said
        if len(driven) == len(slos) and len(batches(driven)) == 1:
            # Everybody is fed, so that who is well says nothing; who feeds native histograms decides who can read it.
            found.setdefault((step, any(one.subject.kind is Kind.NATIVE for one in driven)), []).append(test)
        else:
            unproven += [Unproven(slo, _NOT_ALL_FED) for slo in test.slos]
    order = tuple(naming.group(planned.owner, pace) for planned in rules.sets for pace in PACES)
    suites = (
        Suite(rules.service, clock(step), native, order, tuple(tests))
        for (step, native), tests in sorted(found.items(), key=lambda item: (item[0][1], item[0][0]))
    )
    return Proof(tuple(suites), tuple(unproven))


def _tests(batch: list[Driven], *, everyone: bool) -> Iterator[tuple[int, Test]]:
    """The cases of the SLOs in *batch*, those of the same name side by side, each with its step."""
    alike: dict[tuple[str, int, int, bool], list[tuple[Driven, Case]]] = {}
    for one in batch:
        for case in cases(one.subject).cases:
            alike.setdefault((case.name, case.step, case.interval, case.slow), []).append((one, case))
    for (name, step, interval, slow), members in alike.items():
        series = tuple(each for one, case in members for each in _series(one, case))
        questions: dict[Question, list[tuple[Slo, list[str]]]] = {}
        for one, case in members:
            for question, seen in answers(one, case.checks):
                questions.setdefault(question, []).append((one.slo, seen))
        asked = tuple(
            ask(question, given, everyone=everyone and len({slo.id for slo, _ in given}) == len(batch))
            for question, given in sorted(questions.items(), key=_time)
        )
        yield step, Test(name, clock(interval), series, asked, slow, tuple(one.slo.id for one, _ in members), ())


def _time(item: tuple[Question, object]) -> tuple[int, Severity | str]:
    return item[0].at, item[0].severity or ""


def _series(one: Driven, case: Case) -> Iterator[Series]:
    scale = case.scale
    for timeline, inputs in zip(case.timelines, one.inputs, strict=False):
        yield from _fed(one, inputs, timeline, scale, case.interval)


def _fed(one: Driven, inputs: tuple[Input, ...], timeline: Timeline, scale: Decimal, interval: int) -> Iterator[Series]:
    most = max(1, *(phase.traffic for phase in timeline))
    if one.subject.kind is Kind.PROBE:
        inputs = inputs[: max(1, round(len(inputs) * scale))]
    for made in inputs:
        if made.from_traffic <= most:
            yield Series(made.series, samples(kind(made), timeline, one.subject.rate * scale, interval))


def _wording(driven: list[Driven], prose: Prose) -> tuple[int, Test] | None:
    """A test of what alerts say, and its step: one SLO is out and then gone, all others are well."""
    found = wording(driven, prose)
    if found is None:
        return None
    series = []
    for one in driven:
        timeline = found.timeline if one is found.of else (Phase(length(found.timeline)),)
        interval = found.of.subject.interval
        inputs = one.inputs[:1] if one is found.of else one.inputs
        series += [each for group in inputs for each in _fed(one, group, timeline, Decimal(1), interval)]
    test = Test(
        "alerts say what has happened",
        clock(interval),
        tuple(series),
        (),
        slow=False,
        slos=(found.of.slo.id,),
        told=found.told,
    )
    return found.step, test
