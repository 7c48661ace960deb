"""The grammar and the types of a scanned query, which promql-parser knows, in our words where it complains."""

import re
from typing import Final

import promql_parser

from slogen.promql.scanner import Scan
from slogen.promql.strings import RefusedError

_TYPES: Final = {"matrix": "a range vector", "vector": "an instant vector", "scalar": "a number", "string": "a string"}
_REMEDIES: Final = {
    ("matrix", "vector"): "write a range like [$window] behind the selector",
    ("vector", "matrix"): "apply a function like rate to it, or leave the range out",
    ("vector", "scalar"): "write series, or vector(...)",
    ("scalar", "vector"): "write a number, or scalar(...)",
    ("string", "vector"): "write it in quotes",
}
_EXPECTED = re.compile(r"expected type (\w+) in (?:call to function '(\w+)'|aggregation \w+), got (\w+)")
_ARGUMENTS = re.compile(r"expected (at \w+ )?(\d+) argument\(s\) in call to '(\w+)', got (\d+)")
_WORD = re.compile(r"'([ls]\d+)'")

_MESSAGES: Final = {
    "invalid promql query": "the query is no PromQL; check that operators, values and parentheses are in place",
    "binary expression must contain only": "an operator stands next to a range vector or a string; "
    "apply a function like rate to the range",
    "unary expression only allowed": "a sign stands before a range vector or a string; remove it",
    "comparisons between scalars must use": "two numbers are compared; write 'bool' behind the operator",
    "bool modifier can only be used": "'bool' stands behind an operator that compares nothing; remove it",
    "set operator": "'and', 'or' and 'unless' join series, and there is a number; write vector(...) around it",
    "no grouping allowed for": "'and', 'or' and 'unless' match many with many; leave group_left or group_right out",
    "vector matching only allowed": "'on' and 'ignoring' match series, and there is a number; leave them out",
    "ranges only allowed for": "a range stands behind a calculation; write a subquery like [1h:] for it",
    "no offset modifiers allowed before range": "'offset' stands before the range; write it behind the ']'",
    "no @ modifiers allowed before range": "'@' stands before the range; write it behind the ']'",
    "offset may not be set multiple times": "'offset' is written twice; write it once",
    "@ <timestamp> may not be set multiple times": "'@' is written twice; write it once",
    "offset modifier must be preceded": "'offset' stands behind a calculation; write it behind each selector",
    "@ modifier must be preceded": "'@' stands behind a calculation; write it behind each selector",
    "subquery is only allowed on": "a subquery stands behind a range; remove one of the two",
    "wrong number of arguments for aggregate": "an aggregation has too many or too few arguments; "
    "write one, and before it the parameter of topk, bottomk, quantile and count_values",
    "no arguments for aggregate": "an aggregation has no arguments; write what to aggregate in its parentheses",
}


def parse(scanned: Scan, first: int) -> promql_parser.Expr:
    """
    The tree of a query that begins at *first*.

    Raises:
        RefusedError: its grammar or its types are wrong.
    """
    try:
        tree: promql_parser.Expr = promql_parser.parse(scanned.plain)
    except ValueError as error:
        raise _refused(str(error), scanned, first) from None
    return tree


def _refused(message: str, scanned: Scan, first: int) -> RefusedError:
    if expected := _EXPECTED.search(message):
        wanted, function, found = expected.groups()
        place = _place(function, scanned, first)
        remedy = _REMEDIES.get((wanted, found), f"write {_TYPES.get(wanted, wanted)} there")
        taker = f"the function {function!r}" if function else "an aggregation"
        wanted, found = _TYPES.get(wanted, wanted), _TYPES.get(found, found)
        return RefusedError(place, f"{taker} takes {wanted} where it is given {found}; {remedy}")
    if arguments := _ARGUMENTS.search(message):
        bound, number, function, given = arguments.groups()
        wanted = f"{bound or ''}{number} argument{'s' * (number != '1')}"
        place = _place(function, scanned, first)
        return RefusedError(place, f"the function {function!r} takes {wanted}, not {given}; write as many")
    ours = next((text for known, text in _MESSAGES.items() if message.startswith(known)), None)
    if ours:
        return RefusedError(first, ours)
    theirs = _WORD.sub(lambda word: repr(scanned.words.get(word[1], word[1])), message)
    return RefusedError(first, f"the query is no PromQL: {theirs[:1].lower()}{theirs[1:].rstrip('.')}; correct it")


def _place(function: str | None, scanned: Scan, first: int) -> int:
    """Where *function* is called, if that is one place."""
    calls = scanned.calls.get(function or "", [])
    return calls[0] if len(calls) == 1 else first
