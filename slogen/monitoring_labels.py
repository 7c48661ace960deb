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
        lost: labels that are not among them, each with the reason.
    """

    labels: dict[str, str]
    lost: tuple[tuple[str, str], ...]


def lawful(labels: Mapping[str, str]) -> Lawful:
    """*labels* in lower case, an underscore in the place of what may not stand; the first of those that become one."""
    kept: dict[str, str] = {}
    lost = []
    for name, value in labels.items():
        label = _name(name)
        if "{{" in value:
            lost.append((name, "is a template, which only Prometheus fills"))
        elif label in kept:
            lost.append((name, f"is called {label!r} there, as another label is"))
        elif len(kept) == MOST:
            lost.append((name, f"is more than the {MOST} that there may be"))
        else:
            kept[label] = _legal(value)
    return Lawful(kept, tuple(lost))


def _name(name: str) -> str:
    label = _legal(name)
    return label if label[:1].isalpha() else _legal(f"label_{label.lstrip('_-')}")


def _legal(text: str) -> str:
    return _ILLEGAL.sub("_", text.lower())[:LONGEST]
