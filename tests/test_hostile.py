"""Whatever stands in a file: slogen says what is wrong with it, soon, and in little memory."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from command import environment, executable

MOST_SECONDS = 5
MOST_MEGABYTES = 500
LONGEST_LINE = 1_000

HEAD = "apiVersion: slogen/v1\nservice: checkout\n"
SLO = "slos:\n  - name: availability\n    objective: 99.9\n"
PROBE = "    sli: {probe: {gauge: up}}\n"


def of_query(query: str) -> str:
    return f"{HEAD}{SLO}    sli: {{ratio: {{query: '{query}'}}}}\n"


def of_selector(selector: str) -> str:
    return f"{HEAD}{SLO}    sli: {{availability: {{total: '{selector}', bad: '{selector}'}}}}\n"


def of_matchers(matchers: str) -> str:
    return f"{HEAD}{SLO}    sli: {{latency: {{histogram: x_seconds, threshold: 1s, matchers: '{matchers}'}}}}\n"


def of_annotation(text: str) -> str:
    return f"{HEAD}annotations: {{note: '{text}'}}\n{SLO}{PROBE}"


def of_objective(number: str) -> str:
    return f"{HEAD}slos:\n  - {{name: a, objective: {number}, sli: {{probe: {{gauge: up}}}}}}\n"


def of_slo(key: str, value: str) -> str:
    return f"{HEAD}{SLO}    {key}: {value}\n{PROBE}"


def bomb(levels: int, width: int) -> str:
    """A few hundred bytes that stand for *width* to the power of *levels* values."""
    lines = [f"  a0: &a0 [{', '.join(['x'] * width)}]"]
    lines += [f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return HEAD + "labels:\n" + "\n".join(lines) + f"\n{SLO}{PROBE}"


def noise(size: int) -> bytes:
    return random.Random(1).randbytes(size)  # noqa: S311 - any bytes will do


def many_slos(count: int, slo: str) -> str:
    return HEAD + "slos:\n" + "".join(slo.replace("N", str(number)) for number in range(count))


MEGABYTE = 1 << 20
WHOLE = (
    '  - {name: aN, objective: 99.9, sli: {availability: {total: \'a{job="N"}\', bad: \'a{job="N",code=~"5.."}\'}}}\n'
)

HOSTILE: dict[str, str | bytes] = {
    "noise": noise(4096),
    "a megabyte of noise": noise(MEGABYTE),
    "ten megabytes of noise": noise(10 * MEGABYTE),
    "ten megabytes of zeros": bytes(10 * MEGABYTE),
    "ten megabytes of YAML": "a: b\n" * (2 * MEGABYTE),
    "a megabyte of lines": "a: b\n" * (MEGABYTE // 5),
    "a megabyte of a word": "a" * MEGABYTE,
    "a megabyte of a key": HEAD + "a" * 1_000_000 + ": b\n",
    "a megabyte of a comment": "#" * MEGABYTE,
    "a megabyte of spaces": " " * MEGABYTE,
    "a megabyte of line ends": "\n" * MEGABYTE,
    "a megabyte of documents": "---\n" * (MEGABYTE // 4),
    "a megabyte of dashes": "- " * (MEGABYTE // 2),
    "a megabyte of question marks": "? " * (MEGABYTE // 2),
    "a megabyte of colons": ": " * (MEGABYTE // 2),
    "a megabyte of quotes": "'" * MEGABYTE,
    "a megabyte of escapes": '"' + "\\x41" * (MEGABYTE // 4 - 1) + '"',
    "brackets": "[" * 100_000,
    "closed brackets": "[" * 100_000 + "]" * 100_000,
    "braces": "{a: " * 100_000,
    "brackets as keys": "[[" * 50_000 + "]]: " * 50_000,
    "anchors": "".join(f"&a{n} " for n in range(50_000)),
    "a small bomb": bomb(9, 9),
    "a wide bomb": bomb(3, 200),
    "aliases of a long list": HEAD + f"labels: &a [{'x, ' * 20_000}]\nannotations: [{'*a, ' * 20_000}]\n",
    "values": HEAD + f"labels: [{'x, ' * 300_000}]\n",
    "labels": HEAD + "labels:\n" + "".join(f"  l{n}: x\n" for n in range(20_000)) + SLO + PROBE,
    "unknown keys": HEAD + "".join(f"servic{n}: x\n" for n in range(20_000)) + SLO + PROBE,
    "long unknown keys": HEAD + "".join(f"{'service' * 50}{n}: x\n" for n in range(2_000)) + SLO + PROBE,
    "one key again and again": HEAD + "owner: x\n" * 20_000 + SLO + PROBE,
    "grouping": of_slo("group_by", f"[{', '.join(f'l{n}' for n in range(20_000))}]"),
    "one label again and again": of_slo("group_by", f"[{'region, ' * 20_000}]"),
    "empty SLOs": many_slos(40_000, "  -\n"),
    "SLOs of one name": many_slos(6_000, "  - {name: a, objective: 1}\n"),
    "wrong SLOs": many_slos(6_000, "  - {naem: a, objectiv: 99.9, slo: {}}\n"),
    "whole SLOs": many_slos(2_000, WHOLE),
    "presets that there are not": many_slos(4_000, "  - {name: aN, objective: 99, sli: {availability: {preset: N}}}\n"),
    "digits": of_objective("9" * 1_000_000),
    "decimals": of_objective("99." + "9" * 1_000_000),
    "an exponent": of_objective("1e999999999"),
    "sexagesimal": of_objective("1" + ":59" * 300_000),
    "underscores": of_objective("9_" * 400_000 + "9"),
    "a long duration": of_slo("window", "9" * 500_000 + "d"),
    "a long compound duration": of_slo("window", "1h" * 400_000),
    "a long name": HEAD.replace("checkout", "c" * 1_000_000) + SLO + PROBE,
    "a long description": of_slo("description", "word " * 200_000),
    "a description of braces": of_slo("description", '"' + "{{" * 400_000 + '"'),
    "parentheses in a query": of_query("(" * 20_000),
    "closed parentheses in a query": of_query("(" * 20_000 + "rate(a[$window])" + ")" * 20_000),
    "parentheses in a selector": of_selector("(" * 20_000),
    "parentheses in matchers": of_matchers("(" * 20_000),
    "parentheses in a regular expression": of_selector('a{b=~"' + "(" * 20_000 + ")" * 20_000 + '"}'),
    "parentheses in a short regular expression": of_selector('a{b=~"' + "(" * 8_000 + ")" * 8_000 + '"}'),
    "repetitions in a regular expression": of_selector('a{b=~"' + "(" * 50 + "a" + "*)*" * 50 + '"}'),
    "counted repetitions": of_selector('a{b=~"' + "((a{1000}){1000}){1000}" + '"}'),
    "alternatives": of_selector('a{b=~"' + "|".join(f"a{n}?" for n in range(3_000)) + '"}'),
    "classes": of_selector('a{b=~"' + "[" * 16_000 + '"}'),
    "matchers": of_selector("a{" + ",".join(f'l{n}="x"' for n in range(1_000)) + "}"),
    "brackets in a query": of_query("a" + "[" * 16_000),
    "braces in a query": of_query("a" + "{" * 16_000),
    "minuses": of_query("-" * 16_000 + "a"),
    "pluses": of_query("a" + "+a" * 8_000),
    "powers": of_query("a" + "^a" * 8_000),
    "calls": of_query("abs(" * 3_000 + "a" + ")" * 3_000),
    "windows": of_query("$window" * 2_000),
    "offsets": of_query("a" + " offset 5m" * 1_500),
    "strings": of_query('"' * 16_000),
    "backslashes": of_query('"' + "\\" * 16_000),
    "comments": of_query("#" * 16_000),
    "commas": of_query("sum(" + "," * 16_000),
    "a long query": of_query("a" * 1_000_000),
    "actions": of_annotation("{{ $value }}" * 60_000),
    "open actions": of_annotation("{{" * 400_000),
    "nested actions": of_annotation("{{ if true }}" * 20_000),
    "else after else": of_annotation("{{ if true }}" + "{{ else if true }}" * 20_000 + "{{ end }}"),
    "pipelines": of_annotation("{{ $value" + " | print" * 50_000 + " }}"),
    "parentheses in a template": of_annotation("{{ " + "(" * 400_000 + " }}"),
    "variables": of_annotation("".join(f"{{{{ $v{n} := 1 }}}}" for n in range(20_000))),
    "chains": of_annotation("{{ $labels" + ".a" * 200_000 + " }}"),
    "lone surrogates, encoded": (HEAD + "owner: '\ud800'\n" + SLO + PROBE).encode("utf-8", "surrogatepass"),
    "UTF-16": (HEAD + SLO + PROBE).encode("utf-16"),
    "control characters": HEAD + "owner: '\x00\x07\x1b'\n" + SLO + PROBE,
    "line separators": HEAD + "owner: '\u2028\u2029\x85'\n" + SLO + PROBE,
}

FINE = {
    *("labels", "grouping", "whole SLOs", "a long description", "a description of braces", "matchers", "actions"),
    *("else after else", "pipelines", "variables", "chains", "line separators"),
}
"""What is nothing but large."""


MEASURED = """
import json, resource, subprocess, sys
code = subprocess.run(sys.argv[2:], timeout=180).returncode
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as told:
    json.dump([code, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024], told)
"""
"""Runs a command from a small process: what a large one starts counts as large until it is replaced."""


def run(cwd: Path) -> tuple[int, str, float, float]:
    """Exit code, what was told, seconds of processor time and megabytes of memory."""
    command: list[str | Path] = [sys.executable, "-c", MEASURED, cwd / "usage", executable(), "compile", "slos"]
    with (cwd / "told").open("w+b") as told:
        subprocess.run(command, cwd=cwd, env=environment(), stdout=told, stderr=told, check=True)
        told.seek(0)
        text = told.read().decode("utf-8", "replace")
    code, seconds, megabytes = json.loads((cwd / "usage").read_text())
    return code, text, seconds, megabytes


ALONE = {
    *("a megabyte of lines", "labels", "unknown keys", "long unknown keys", "one key again and again", "grouping"),
    *("one label again and again", "empty SLOs", "SLOs of one name", "wrong SLOs", "whole SLOs", "actions"),
    *("presets that there are not", "else after else", "ten megabytes of noise", "ten megabytes of YAML"),
}
"""What takes longest; of the others many files together must not take longer than one may."""
OTHERS = [name for name in HOSTILE if name not in ALONE]
BATCHES = [[name] for name in HOSTILE if name in ALONE] + [OTHERS[start::5] for start in range(5)]


@pytest.mark.parametrize("names", BATCHES, ids=lambda names: names[0])
def test_nothing_in_a_file_makes_slogen_crash_hang_or_swell(names: list[str], tmp_path: Path) -> None:
    (tmp_path / "slos").mkdir()
    for number, name in enumerate(names):
        content = HOSTILE[name]
        written = content if isinstance(content, bytes) else content.encode()
        (tmp_path / f"slos/{number}.yaml").write_bytes(written.replace(b"checkout", b"service-%d" % number, 1))

    code, told, seconds, megabytes = run(tmp_path)

    assert code in (0, 2), told[-2000:]
    assert "Traceback" not in told
    assert "Error" not in told
    assert max(map(len, told.splitlines())) < LONGEST_LINE
    assert seconds < MOST_SECONDS
    assert megabytes < MOST_MEGABYTES
    for number, name in enumerate(names):
        assert name in FINE or f"\n{number}.yaml:" in f"\n{told}", f"{name!r} is not refused"
