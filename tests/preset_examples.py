"""The examples that the manual page of a preset has."""

import itertools
from typing import Any

import yaml

from slogen import presets
from slogen.diagnostics import Report
from slogen.source import read


def parsed(text: str) -> Any:
    report = Report()
    source = read("example", text, report)
    assert source is not None, report
    # Written so that every reader of YAML takes it, the strictest too.
    assert yaml.load(text, yaml.BaseLoader) == source.data  # noqa: S506 - the safest of all: texts alone
    return source.data


def examples(name: str) -> list[tuple[str, dict[str, Any]]]:
    """Kind and specification of every example in the manual page of *name*."""
    lines = presets.manual(name).splitlines()
    blocks = itertools.groupby(lines, key=lambda line: line.startswith("    "))
    texts = ["\n".join(block) for indented, block in blocks if indented]
    return [(kind, spec) for text in texts for kind, spec in parsed(text).items()]
