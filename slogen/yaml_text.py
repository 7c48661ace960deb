"""Values as YAML text: the only module that knows its quoting."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache

# What a block scalar or a double-quoted one cannot hold as it is.
# Source: https://yaml.org/spec/1.2.2/#51-character-set
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_NOT_IN_A_BLOCK = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]").search
_PLAIN_KEY = re.compile(r"[a-z_][a-z0-9_]*", re.ASCII)
_NO_TEXT = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
"""
Words that YAML 1.1 takes for something else than text.

Source: https://yaml.org/type/bool.html and https://yaml.org/type/null.html
"""
_encode = json.encoder.encode_basestring


class Rendered(str):
    """Text that is YAML already and is not to be quoted again."""

    __slots__ = ()


@lru_cache(maxsize=8192)
def quoted(text: str) -> str:
    """*text* as a YAML scalar in double quotes; no value can break out of it."""
    if text.isascii() and text.isprintable():
        return _encode(text)
    return _UNPRINTABLE.sub(_escape, _encode(text))


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def single(value: object) -> str:
    """*value* as a YAML scalar on one line, in single quotes where it can be, so that double ones are as they are."""
    return _single(str(value))


@lru_cache(maxsize=8192)
def _single(text: str) -> Rendered:
    if text.isascii() and text.isprintable():
        return Rendered("'" + text.replace("'", "''") + "'")
    return Rendered(quoted(text))


def block(value: object, indent: int) -> str:
    """*value* as a literal block scalar, its lines as they are, where YAML can hold them so; else in double quotes."""
    text = str(value)
    simple = '"' not in text and "\\" not in text and "\n" not in text
    if simple or not text or text[0].isspace() or text[-1].isspace() or not _fits_a_block(text):
        return Rendered(quoted(text))
    space = "\n" + " " * indent
    return Rendered(f"|-{space}{text.replace(chr(10), space)}")


def _fits_a_block(text: str) -> bool:
    return text.replace("\n", "").isprintable() or not _NOT_IN_A_BLOCK(text)


@lru_cache(maxsize=8192)
def _value(value: str, indent: int) -> str:
    return block(value, indent + 2) if "\n" in value else quoted(value)


def fields(labels: Mapping[str, str], indent: int) -> str:
    """*labels* as the entries of a mapping, each on a line of its own."""
    return _fields(tuple(labels.items()), indent)


@lru_cache(maxsize=256)
def _fields(labels: tuple[tuple[str, str], ...], indent: int) -> Rendered:
    """Cached, since an SLO's identity stands on some eight rules in a row."""
    space = "\n" + " " * indent
    return Rendered("".join([f"{space}{key(name)}: {_value(value, indent)}" for name, value in labels]))


@lru_cache(maxsize=1024)
def key(name: str) -> str:
    """*name* as a key: as it is where every reader of YAML takes it for text."""
    return name if _PLAIN_KEY.fullmatch(name) and name not in _NO_TEXT else quoted(name)
