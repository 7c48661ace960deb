"""
Stencils of rules: what SLOs have in common but for their names is lowered and written once.

In an organisation many SLOs promise the same. Their alerts and constants, which are most of their rules, depend on
what they promise and not on what they measure, and names stand in them as they are. So they are written for names
that stand in for all of the same length, and these are replaced in the text.
"""

from collections.abc import Iterator
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final, NamedTuple

from slogen.model import BurnAlert, NoDataAlert, Slo
from slogen.promrules import Own, Rule, arranged, bases, own
from slogen.prose import Prose
from slogen.rules import RuleSet
from slogen.units import Window

_SERVICE, _NAME = "\ufde0", "\ufde1"
"""Noncharacters that stand in for what a name is made of; those of `slogen.promql.stencil` are others."""
_UNREAD: Final = ("service", "name", "sli", "place", "cloud", "depends_on", "snoozes")
"""Of an SLO, what its alerts and constants do not depend on, or by its names alone."""
_LABELLED: Final = ("labels", "alerts", "no_data")
_TERMS: Final = tuple(one.name for one in fields(Slo) if one.name not in (*_UNREAD, *_LABELLED))
_terms = attrgetter(*_TERMS)


class Text(NamedTuple):
    """Rules as a rule file has them."""

    text: str

    @property
    def kind(self) -> str:
        """What the template tells it by."""
        return "text"


class Group(NamedTuple):
    """A group of rules, some of which are text already."""

    name: str
    interval: Window
    rules: tuple[Rule | Text, ...]


class _Likeness(NamedTuple):
    """All that the alerts and constants of an SLO depend on, but for what its names are made of."""

    service: int
    name: int
    terms: tuple[Any, ...]
    labels: tuple[tuple[str, str], ...]
    alerts: tuple[Any, ...]
    no_data: tuple[Any, ...] | None

    def __hash__(self) -> int:
        """Of what differs most and is hashed fast."""
        return hash((self.service, self.name, self.labels, self.terms[:3]))


def lower(planned: RuleSet, prose: Prose) -> tuple[Group, ...]:
    """What `slogen.promrules.lower` gives, with text for the rules that only names tell from those of others."""
    every = [_own(slo, prose) for slo in planned.everyone.slos]
    return tuple(Group(name, interval, tuple(rules)) for name, interval, rules in arranged(planned, every))


def _own(slo: Slo, prose: Prose) -> Own[Rule | Text]:
    alike = likeness(slo)
    texts = prose.once(alike, lambda: _written(alike, prose))
    if texts is None:
        return Own[Rule | Text](*own(slo, prose))
    service, name = _stand_ins(len(slo.service), len(slo.name))
    named = ((Text(one.replace(service, slo.service).replace(name, slo.name)),) if one else () for one in texts)
    return Own(bases(slo), *named)


def likeness(slo: Slo) -> _Likeness:
    """What decides whether the alerts and constants of two SLOs are alike."""
    return _Likeness(
        len(slo.service),
        len(slo.name),
        _terms(slo),
        tuple(slo.labels.items()),
        tuple([(*one[:-2], tuple(one.labels.items()), tuple(one.annotations.items())) for one in slo.alerts]),
        slo.no_data and (slo.no_data.name, tuple(slo.no_data.labels.items()), tuple(slo.no_data.annotations.items())),
    )


def _stand_ins(service: int, name: int) -> tuple[str, str]:
    return _SERVICE * service, _NAME * name


def _written(likeness: _Likeness, prose: Prose) -> tuple[str, str, str] | None:
    """The text of what alerts, of the constants and of the alert for missing data; None where each has its own."""
    slo = _stand_in(likeness)
    if not prose.lists_alike or any(_SERVICE in text or _NAME in text for text in _texts(slo)):
        return None
    _, *rules = own(slo, prose)
    burning, constants, blind = map(prose.listed, rules)
    return burning, constants, blind


def _stand_in(likeness: _Likeness) -> Slo:
    """An SLO of that *likeness*, which has nothing that is not part of it, so that nothing can depend on that."""
    service, slo = _stand_ins(likeness.service, likeness.name)
    given: dict[str, Any] = {
        **dict.fromkeys(_UNREAD),
        **dict(zip(_TERMS, likeness.terms, strict=True)),
        "service": service,
        "name": slo,
        "labels": dict(likeness.labels),
        "alerts": tuple(
            BurnAlert(severity, name, tiers, dict(labels), dict(told))
            for severity, name, tiers, labels, told in likeness.alerts
        ),
        "no_data": None,
    }
    if likeness.no_data:
        alert, labels, told = likeness.no_data
        given["no_data"] = NoDataAlert(alert, dict(labels), dict(told))
    return Slo(**given)


def _texts(slo: Slo) -> Iterator[str]:
    """Every text that is the user's and not checked to be plain."""
    yield from (slo.description, slo.owner, *slo.labels.values())
    for alert in (*slo.alerts, *((slo.no_data,) if slo.no_data else ())):
        yield from (*alert.labels.values(), *alert.annotations.values())
