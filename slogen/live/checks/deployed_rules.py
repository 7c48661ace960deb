"""
The server does not run the rules that compile writes.

Rules that were never deployed alert nobody, and those of last month alert by the objective of last month. Compared is
each rule that compile writes for the SLO, those that it shares with others of its service too, with what the server
runs under the same name and identity: the query by its meaning, durations as spans of time, labels and annotations. Of
a rule that the server lacks or runs otherwise that is a warning, since it is how every change looks before it is
merged. Where `generated/` holds the rule file that compile wrote last, the message says which of the two the server
agrees with: with neither, somebody edited it by hand or deployed it from elsewhere. Left over is what carries the id of
the SLO and is none of its rules. Where compile writes rules for several targets, those count that the server is closest
to.

Errors are rules that the server cannot evaluate, in its own words, groups that take longer than their interval, and
rules that are loaded more than once: both write the same series, or both alert.

Rules may be evaluated elsewhere, as by vmalert for VictoriaMetrics: name its address as `--rules-url`. A server that
evaluates none is told by its answer of no rules at all and its version without a revision, and not checked.

Asks for: `/api/v1/rules`, once for all SLOs; `/api/v1/status/buildinfo` where there are none.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import combinations
from typing import Final

from slogen import naming
from slogen.diagnostics import Level
from slogen.live.asking import Asking
from slogen.live.checks._check import Finding, NotChecked, Said
from slogen.live.deployment import EVERYONE, Expected, Placed, Rules
from slogen.live.faults import UnreachableError
from slogen.live.ruling import LAST_ERROR
from slogen.model import Slo
from slogen.promql.meaning import same
from slogen.rule_files import ALERT
from slogen.units import plain

_FEW: Final = 3
_FIRST: Final = 100
_LAST: Final = 300
"""Characters of what a server has to say: vmalert begins with the query, which may be long, and ends with the cause."""
_FAILED: Final = "err"
"""What a server calls the health of a rule that it could not evaluate."""


def check(slo: Slo, asking: Asking) -> Iterator[Said]:
    """At most one thing to say for each way in which rules are not as they should be."""
    expected = asking.deployment.expected(slo)
    if not expected:
        yield NotChecked("nothing is known of the rules that compile writes for it")
        return
    running = _running(asking)
    wanted, before = expected[0] if len(expected) == 1 else min(expected, key=lambda one: _unlike(one, running))
    found = [(one, running.like(one)) for one in wanted]
    lacking = [one for one, runs in found if not runs]
    changed = [(one, fields) for one, runs in found if runs and (fields := _nearest(one, runs))]
    if len(lacking) == len(wanted):
        none = f"the server runs none of its {len(wanted)} rules{_origin(lacking, running, before)}"
        yield _warning(none)._replace(of_server=not running.serve(slo.service))
    elif lacking:
        yield _warning(
            f"the server lacks {len(lacking)} of its {len(wanted)} rules: {_listed(map(_name, lacking))}"
            f"{_origin(lacking, running, before)}"
        )
    if changed:
        told = _listed(f"{_name(one)} ({', '.join(fields)})" for one, fields in changed)
        many = f"{len(changed)} of its {len(wanted)} rules"
        yield _warning(
            f"the server runs {many} otherwise: {told}{_origin([one for one, _ in changed], running, before)}"
        )
    yield from _left_over(slo, wanted, running)
    yield from _twice(found)
    yield from _unhealthy(found)


def _running(asking: Asking) -> Rules:
    """What runs; that no answer comes is told of the server that was asked."""
    try:
        return asking.running()
    except UnreachableError as error:
        if not (address := asking.deployment.elsewhere):
            raise
        raise UnreachableError(f"{address}, where rules run: {error}", error.status) from error


def _warning(message: str) -> Finding:
    return Finding((), message, Level.WARNING)


def _unlike(expected: Expected, running: Rules) -> int:
    """How many of the rules for a target the server lacks or runs otherwise."""
    runs = ((one, running.like(one)) for one in expected.rules)
    return sum(not like or bool(_nearest(one, like)) for one, like in runs)


def _nearest(wanted: Placed, runs: tuple[Placed, ...]) -> tuple[str, ...]:
    """What differs in that of the rules that *runs* which is most like it."""
    return min((_differences(wanted, one) for one in runs), key=len)


def _differences(wanted: Placed, other: Placed) -> tuple[str, ...]:
    """The fields, by their names in a rule file, in which two rules differ."""
    one, two = wanted.rule, other.rule
    differing = {
        "expr": not same(one.expr, two.expr),
        "labels": one.labels != two.labels,
        "annotations": _worded(one.annotations) != _worded(two.annotations),
        "for": one.pending != two.pending,
        "keep_firing_for": one.keep_firing != two.keep_firing,
        "interval": other.interval is not None and wanted.interval != other.interval,
    }
    return tuple(name for name, differs in differing.items() if differs)


def _worded(annotations: Mapping[str, str]) -> dict[str, str]:
    return {name: text.strip() for name, text in annotations.items()}


def _origin(differing: list[Placed], running: Rules, before: Rules | None) -> str:
    """Whence what the server has may come; empty where that cannot be told."""
    if before is None:
        return ""
    written = [(one, before.like(one), running.like(one)) for one in differing]
    if all(_agree(old, runs) for _, old, runs in written):
        return "; it has them as generated/ does, which is not what the SLO compiles to: compile, and deploy that"
    if all(old and not _nearest(one, old) for one, old, _ in written):
        edited = ", or edited there by hand" if any(runs for _, _, runs in written) else ""
        return f"; generated/ is as compile writes it, so it was not deployed since{edited}"
    return "; generated/ agrees with neither, so they were edited by hand or deployed from elsewhere"


def _agree(old: tuple[Placed, ...], runs: tuple[Placed, ...]) -> bool:
    """Whether nothing was written and nothing runs, or the same."""
    return not runs if not old else bool(runs) and any(not _nearest(one, runs) for one in old)


def _left_over(slo: Slo, wanted: tuple[Placed, ...], running: Rules) -> Iterator[Said]:
    keys = {one.key for one in wanted}
    extra = [one for one in running.own(slo) if one.key not in keys]
    if extra:
        rules = "1 rule" if len(extra) == 1 else f"{len(extra)} rules"
        told = _listed(f"{_name(one)} in {one.rule.place.file}" for one in extra)
        yield _warning(f"the server runs {rules} of it that compile does not write: {told}; remove what is left over")


def _twice(found: list[tuple[Placed, tuple[Placed, ...]]]) -> Iterator[Said]:
    repeated = [(one, runs) for one, runs in found if any(_overlap(*pair) for pair in combinations(runs, 2))]
    if repeated:
        files = _listed(dict.fromkeys(run.rule.place.file for _, runs in repeated for run in runs))
        rules = "1 of its rules is" if len(repeated) == 1 else f"{len(repeated)} of its rules are"
        names = _listed(_name(one) for one, _ in repeated)
        yield Finding((), f"{rules} loaded more than once, from {files}: {names}; load each once")


def _overlap(one: Placed, other: Placed) -> bool:
    """Whether two rules of one name and identity are evaluated for one SLO; those of two packs are not."""
    return EVERYONE in one.slos | other.slos or not one.slos.isdisjoint(other.slos)


def _unhealthy(found: list[tuple[Placed, tuple[Placed, ...]]]) -> Iterator[Said]:
    runs = [run for _, runs in found for run in runs]
    failing = [run for run in runs if run.rule.fields.get(LAST_ERROR) or run.rule.fields.get("health") == _FAILED]
    if failing:
        first = failing[0]
        more = f", and {len(failing) - 1} more" if len(failing) > 1 else ""
        told = str(first.rule.fields.get(LAST_ERROR) or first.rule.fields.get("health"))
        yield Finding((), f"the server cannot evaluate {_name(first)}{more}: {_cut(told)!r}")
    slow = [run for run in runs if run.interval and run.took > run.interval]
    if slow:
        took, every = slow[0].took, plain(slow[0].interval or Decimal(0))
        message = f"the group of {_name(slow[0])} takes {took:.3g}s, and is to be evaluated each {every}s"
        yield Finding((), f"{message}; it misses evaluations")


def _cut(text: str) -> str:
    return text if len(text) <= _FIRST + _LAST else f"{text[:_FIRST]} ... {text[-_LAST:]}"


def _name(placed: Placed) -> str:
    """What a rule is called among those of an SLO."""
    labels = placed.rule.labels
    told = labels.get(naming.SLO_TIER) or labels.get(naming.SLO_SEVERITY)
    return f"{placed.rule.name} ({told})" if placed.rule.kind == ALERT and told else placed.rule.name


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - _FEW} more" if len(every) > _FEW else ""
    return ", ".join(every[:_FEW]) + more
