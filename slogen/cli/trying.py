"""The tests of SLOs, run several at once in a folder of their own."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

from slogen import naming, promtool
from slogen.backends import promtool_tests
from slogen.compiler import Compilation
from slogen.promtool import Promtool
from slogen.proofs.suites import Proof, Suite, Test
from slogen.prose import Prose


class Trial(NamedTuple):
    """
    A test, ready to be run.

    Attributes:
        file: that promtool reads; None where this promtool cannot.
    """

    test: Test
    file: Path | None


class Result(NamedTuple):
    """
    What a case came to for one SLO.

    Attributes:
        state: ``passed``, ``failed``, ``skipped`` or ``unproven``.
        seconds: that the case took, for all SLOs in it.
        said: why, where it did not pass.
    """

    slo: str
    case: str
    state: str
    seconds: float = 0
    said: str = ""


def prepare(
    compilation: Compilation, prose: Prose, folder: Path, tool: Promtool, *, full: bool
) -> tuple[list[Trial], list[Result]]:
    """Write rules and tests below *folder*; the trials, and what is known without them."""
    rules = {artifact.path: artifact.text for artifact in compilation.artifacts}
    trials: list[Trial] = []
    known: list[Result] = []
    for service in compilation.rules:
        path = f"prometheus/{naming.rules_file(service.service)}"
        if path not in rules:
            continue
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(rules[path], "utf-8")
        planned = promtool_tests.testable(service)
        proven = promtool_tests.proven(planned, prose)
        known += [Result(one.slo, "not proven", "unproven", said=one.reason) for one in proven.unproven]
        for suite, test in _chosen(proven, full=full):
            if suite.native and tool.version < promtool.NATIVE:
                why = "promtool reads native histograms from 3.0 on"
                known += [Result(slo, test.name, "skipped", said=why) for slo in test.slos]
                continue
            file = folder / f"{len(trials)}.test.yaml"
            alone = suite._replace(tests=(test,))
            file.write_text(promtool_tests.written(planned, proven, alone, prose, path), "utf-8")
            trials.append(Trial(test, file))
    return trials, known


def _chosen(proven: Proof, *, full: bool) -> Iterator[tuple[Suite, Test]]:
    for suite in proven.suites:
        yield from ((suite, test) for test in suite.tests if full or not test.slow)


def run(tool: Promtool, trials: Sequence[Trial], jobs: int, tell: Callable[[], None]) -> Iterator[Result]:
    """
    What each case came to for each of its SLOs; *tell* is called when one is done.

    Raises:
        PromtoolError: promtool cannot read a test.
    """
    # The longest first, so that none is left to run alone at the end.
    order = sorted(trials, key=lambda trial: -sum(len(one.values) for one in trial.test.series))
    with ThreadPoolExecutor(jobs) as pool:
        running = {pool.submit(promtool.run, tool, trial.file): trial for trial in order if trial.file}
        try:
            for done in as_completed(running):
                yield from _results(running[done].test, done.result())
                tell()
        finally:
            pool.shutdown(cancel_futures=True)


def _results(test: Test, outcome: promtool.Outcome) -> Iterator[Result]:
    concerned = outcome.slos & set(test.slos) or set(test.slos)
    for slo in test.slos:
        failed = bool(outcome.said) and slo in concerned
        state = "failed" if failed else "passed"
        yield Result(slo, test.name, state, outcome.seconds, outcome.said if failed else "")
