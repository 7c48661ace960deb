"""
History for a Prometheus: blocks that promtool makes of raw samples, and of recording rules over them.

Rules of one file do not see each other's new samples, so records are made in passes: first what reads none of
them, then what reads those, and so on. The server is started anew before each, to see the blocks of the last.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from live.server import Toolchain, run, running

Rule = dict[str, Any]
Group = dict[str, Any]
Series = tuple[str, Iterable[tuple[int, float]]]
"""What selects it, and the moments and values of its samples."""

RAW_BLOCK = "1458h"
"""Longer than the history: each further block costs promtool another reading of the whole text."""
RECORDED_BLOCK = "54h"
"""
The longest at steps of 30 s; more samples than 11,000 no range query gives.

Both are powers of three times two hours, which is how promtool rounds them.
"""

_RECORD = re.compile(r"\bslo:\w+(?::\w+)+")


def write(text: Path, series: Iterable[Series]) -> None:
    """Write *series* as OpenMetrics."""
    with text.open("w") as file:
        for name, samples in series:
            file.writelines(f"{name} {value} {moment}\n" for moment, value in samples)
        file.write("# EOF\n")


def raw(tools: Toolchain, folder: Path, text: Path) -> None:
    """Put the samples of an OpenMetrics *text* into the data of the server in *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["tsdb", "create-blocks-from", "openmetrics", "--quiet", f"--max-block-duration={RAW_BLOCK}"]
    run([tools.promtool, *command, text, "data"], folder)


def records(
    tools: Toolchain,
    folder: Path,
    groups: Iterable[Group],
    start: int,
    end: int,
    *,
    without: Sequence[tuple[int, int]] = (),
    called: str = "pass{}.rules.yaml",
) -> None:
    """
    Add what the recording rules of *groups* give over the data in *folder*, *without* what some spans would give.

    Args:
        called: the name of the file of each pass, given its number. It sets when rules are evaluated: rules of one
            group that are in two passes are evaluated at one moment, as they are in a server, if it is the same.
    """
    bounds = [start, *(moment for span in without for moment in span), end]
    for number, layer in enumerate(passes(groups), 1):
        file = Path(called.format(number))  # relative, it is always the same
        (folder / file).write_text(json.dumps({"groups": layer}))
        with running(tools, folder) as server:
            for first, last in zip(bounds[::2], bounds[1::2], strict=True):
                run(
                    [
                        *(tools.promtool, "tsdb", "create-blocks-from", "rules", "--quiet"),
                        *(f"--url={server.url}", f"--start={first}", f"--end={last}"),
                        *(f"--max-block-duration={RECORDED_BLOCK}", "--output-dir=data"),
                        file,
                    ],
                    folder,
                )


def passes(groups: Iterable[Group]) -> Iterator[list[Group]]:
    """The recording rules of *groups*, each in the first pass in which all that it reads is there."""
    left = chosen(groups, lambda rule: "record" in rule)
    while left:
        ready, later = _split(left, {rule["record"] for group in left for rule in group["rules"]})
        assert ready, "each record that is left reads another one"
        yield ready
        left = later


def _split(groups: list[Group], missing: set[str]) -> tuple[list[Group], list[Group]]:
    """The rules that read nothing *missing*, and the others."""
    ready = chosen(groups, lambda rule: missing.isdisjoint(reads(rule)))
    return ready, chosen(groups, lambda rule: not missing.isdisjoint(reads(rule)))


def reads(rule: Rule) -> set[str]:
    """The recorded series that a rule reads, but for its own."""
    return set(_RECORD.findall(rule["expr"])) - {rule.get("record")}


def chosen(groups: Iterable[Group], wanted: Callable[[Rule], bool]) -> list[Group]:
    """The groups with those of their rules that are *wanted*."""
    kept = ({**group, "rules": [rule for rule in group["rules"] if wanted(rule)]} for group in groups)
    return [group for group in kept if group["rules"]]
