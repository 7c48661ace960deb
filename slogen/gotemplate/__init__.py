"""
Go templates as Prometheus loads them from the annotations and labels of alerts.

One that does not parse, and Prometheus refuses the whole rule file.

Source: https://github.com/prometheus/prometheus/blob/v2.42.0/model/rulefmt/rulefmt.go (testTemplateParsing)
"""

import re
from typing import NamedTuple

_ESCAPED = re.compile(r'[\\"\x00-\x1f\x7f\ud800-\udfff]')
_NAMED_ESCAPES = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\t": r"\t", "\r": r"\r"}


class Mistake(NamedTuple):
    """
    Why Prometheus would not load a template.

    Attributes:
        offset: in characters, from the start of the text.
    """

    offset: int
    message: str


def check(text: str, version: tuple[int, int]) -> Mistake | None:
    """
    What keeps Prometheus *version* from loading *text* as an annotation or a label of an alert.

    It parses, as Prometheus does, and does not run: ``{{ $value.nosuch }}`` and ``{{ template "nosuch" }}`` pass.
    """
    if "{{" not in text:
        return None
    # Late: most files hold no template of their own, and every start of slogen would wait for these.
    from slogen.gotemplate.lexer import RefusedError
    from slogen.gotemplate.parser import Parser

    try:
        Parser(version).read(text)
    except RefusedError as refused:
        return Mistake(refused.offset, refused.message)
    return None


def literal(text: str) -> str:
    """A template that prints *text*, whatever it holds."""
    return text.replace("{{", '{{ "{{" }}')


def string(text: str) -> str:
    """*text* as a Go string in double quotes, which is a PromQL string too; half a surrogate pair becomes U+FFFD."""
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    return _NAMED_ESCAPES.get(char) or (r"\ufffd" if char >= "\ud800" else f"\\x{ord(char):02x}")
