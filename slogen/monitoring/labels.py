"""
Labels of Prometheus alerts as user labels of Cloud Monitoring, which are stricter.

A user label's name begins with a lower-case letter; names and values are of lower-case letters, digits, underscores
and dashes, at most 63 of them, and there are at most 64.

Source: https://docs.cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

LONGEST: Final = 63
MOST: Final = 64

_ILLEGAL = re.compile(r"[^a-z0-9_-]")


class Lawful(NamedTuple):
    """
    Labels as Cloud Monitoring takes them.

    Attributes:
        lost: which labels are not among them, and why, in words.
    """

    labels: dict[str, str]
    lost: tuple[str, ...]


def lawful(labels: Mapping[str, str]) -> Lawful:
    """*labels* in lower case, an underscore in the place of what may not stand; the first of those that become one."""
    kept: dict[str, str] = {}
    lost = []
    beyond = []
    for name, value in labels.items():
        label = _name(name)
        if "{{" in value:
            lost.append(f"label {name!r} is a template, which only Prometheus fills, so it is left out")
        elif label in kept:
            lost.append(f"label {name!r} is called {label!r} there, as another label is, so it is left out")
        elif len(kept) == MOST:
            beyond.append(name)
        else:
            kept[label] = _legal(value)
    if beyond:
        lost.append(f"there may be {MOST} labels, so {_listed(beyond)} left out")
    return Lawful(kept, tuple(lost))


def _listed(names: list[str]) -> str:
    first = f"label {names[0]!r}"
    return f"{first} and {len(names) - 1} after it are" if len(names) > 1 else f"{first} is"


def _name(name: str) -> str:
    label = _legal(name)
    return label if label[:1].isalpha() else _legal(f"label_{label.lstrip('_-')}")


def _legal(text: str) -> str:
    return _ILLEGAL.sub("_", text.lower())[:LONGEST]
