"""Selectors and queries, judged by promtool: what is read here loads there, and what is refused here does not."""

import json
import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from promql_corpus import (
    NEWER_QUERIES,
    QUERIES,
    QUOTED_SELECTORS,
    REGEXES,
    SELECTORS,
    WRONG_QUERIES,
    WRONG_QUOTED_SELECTORS,
    WRONG_REGEXES,
    WRONG_SELECTORS,
)
from slogen.promql import Matcher, Selector
from slogen.promql.functions import AGGREGATIONS, FUNCTIONS, RENAMED
from slogen.promql.reading import Query, read_query, read_selector
from slogen.promql.regex import Regex, read_regex
from slogen.units import Window

FLAGGED = (
    "double_exponential_smoothing", "info", "limitk", "limit_ratio", "mad_over_time", "ts_of_max_over_time",
    "[$window * 2]", "+ 1m", "-1m", "(5m * 2)", "+5m",
)  # fmt: skip
"""What promtool 3.5 takes only with a feature flag."""


def refusals(promtool: Path, folder: Path, expressions: Iterable[str]) -> Mapping[str, str]:
    """Why promtool refuses each of *expressions* that it does refuse."""
    listed = list(dict.fromkeys(expressions))
    rules = [{"record": f"r{number}", "expr": expression} for number, expression in enumerate(listed)]
    file = folder / "rules.yaml"
    # JSON is YAML, but for characters beyond 16 bits, which it may not escape, and DEL, which it must.
    text = json.dumps({"groups": [{"name": "g", "rules": rules}]}, ensure_ascii=False)
    file.write_text(text.replace("\x7f", r"\u007f"), encoding="utf-8")
    done = subprocess.run(
        [promtool, "check", "rules", "--lint=none", file], capture_output=True, text=True, check=False, timeout=120
    )
    found = re.findall(r'rule \d+, "r(\d+)": (.*)', done.stderr)
    assert bool(found) == bool(done.returncode), done.stderr
    return {listed[int(number)]: why for number, why in found}


def major(promtool: Path) -> tuple[int, int]:
    """The version that *promtool* stands for."""
    said = subprocess.run([promtool, "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"version (\d+)\.(\d+)", said.stdout + said.stderr)
    assert found
    return int(found[1]), int(found[2])


def filled(text: str) -> str:
    return re.sub(r"\$window\b|\{\{\s*\.window\s*\}\}", "5m", text)


def test_promtool_loads_every_selector_that_is_read_and_its_print(promtool: Path, tmp_path: Path) -> None:
    version = major(promtool)
    texts = [text for text, _ in (*SELECTORS, *QUOTED_SELECTORS)]
    read = {text: selector for text in texts if isinstance(selector := read_selector(text, version), Selector)}
    assert len(read) == len(SELECTORS) + (len(QUOTED_SELECTORS) if version >= (3, 0) else 0)
    assert refusals(promtool, tmp_path, [*read, *map(str, read.values())]) == {}


def test_promtool_refuses_every_selector_that_is_refused(promtool: Path, tmp_path: Path) -> None:
    marked = WRONG_SELECTORS if major(promtool) < (3, 0) else (*WRONG_SELECTORS, *WRONG_QUOTED_SELECTORS)
    texts = {text.replace("‸", "") for code, text in marked if code == "bad-promql"} - {"", "up\x00"}
    assert texts - refusals(promtool, tmp_path, texts).keys() == set()


def test_promtool_takes_and_refuses_the_same_regular_expressions(promtool: Path, tmp_path: Path) -> None:
    def selector(pattern: str) -> str:
        return str(Selector("up", (Matcher("path", "=~", pattern),)))

    names = (f"\\p{{{name}}}" for name in ("Latin", "Han", "Old_South_Arabian", "Lu", "Yezidi", "Kawi", "Latn", "LC"))
    sizes = (
        "(a{999}){1}",
        "(a{2}){501}",
        "((a{10}){10}){10}",
        "((a{10}){10}){11}",
        "a{1000}{0}",
        "(?:a{1000}b{1000}){1}",
    )
    patterns = {*REGEXES, *names, *sizes, *(pattern.replace("‸", "") for pattern in WRONG_REGEXES)}
    refused = refusals(promtool, tmp_path, map(selector, patterns))
    ours = {pattern for pattern in patterns if not isinstance(read_regex(pattern), Regex)}
    theirs = {pattern for pattern in patterns if selector(pattern) in refused}
    # What newer versions of Go have learned is left to newer versions of slogen.
    learned = (
        {"(?<name>a)", r"\p{greek}", r"\Qa", r"\p{Kawi}", r"\p{Latn}", r"\p{LC}"}
        if major(promtool) >= (3, 0)
        else set()
    )
    assert ours - learned == theirs - learned
    assert theirs <= ours


def test_promtool_loads_every_query_that_is_read(promtool: Path, tmp_path: Path) -> None:
    version = major(promtool)
    texts = [text for text, _ in QUERIES] + [
        text.replace("‸", "")
        for _, text in NEWER_QUERIES
        if not any(flagged in text.replace("‸", "") for flagged in FLAGGED)
    ]
    queries = [query for text in texts if isinstance(query := read_query(text, version), Query)]
    assert len(queries) >= len(QUERIES) - 1
    assert refusals(promtool, tmp_path, [query.with_window(Window.parse("5m")) for query in queries]) == {}


def test_promtool_refuses_every_query_that_is_refused(promtool: Path, tmp_path: Path) -> None:
    version = major(promtool)
    marked = [text for code, text in WRONG_QUERIES if code in ("bad-promql", "bad-regex")]
    texts = {filled(text.replace("‸", "")) for text in marked} - {"", "a5m\x00"}
    assert texts - refusals(promtool, tmp_path, texts).keys() == set()
    newer = {filled(text.replace("‸", "")) for since, text in NEWER_QUERIES if since > version}
    assert newer - refusals(promtool, tmp_path, newer).keys() == set()


def test_promtool_has_the_functions_of_its_version(promtool: Path, tmp_path: Path) -> None:
    version = major(promtool)
    refused = refusals(promtool, tmp_path, [f"{name}()" for name in (*FUNCTIONS, *AGGREGATIONS)])
    unknown = {text.removesuffix("()") for text, why in refused.items() if "unknown function" in why}
    # The parser knows these two as words that may follow '@', and says otherwise why it refuses them.
    newer = {name for name, since in (*FUNCTIONS.items(), *AGGREGATIONS.items()) if since > version} - {"start", "end"}
    gone = {name for name, (_, since) in RENAMED.items() if since <= version}
    assert unknown == newer | gone


@pytest.mark.parametrize("text", ["a[5m]", "1", '"a"'])
def test_promtool_loads_what_only_slogen_can_tell_is_no_vector(promtool: Path, tmp_path: Path, text: str) -> None:
    assert refusals(promtool, tmp_path, [text]) == {}
