"""The types that the schema gives to texts: each accepts a text or names what to write instead."""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, TypeVar

from pydantic_core import PydanticCustomError

from slogen import naming
from slogen.diagnostics import shown
from slogen.shape import Scalar, Switch
from slogen.units import Window, latency_seconds

_T = TypeVar("_T")

_NUMBER = re.compile(r"\d{1,15}(\.\d{1,12})?", re.ASCII)
_DECIMALS = 10
_LONGEST = 1_000
_VERSION = re.compile(r"(\d{1,3})\.(\d{1,3})(?:\.\d{1,5})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DAY_PATTERN = (
    "^[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))$"
)
_DURATION_PATTERN = r"^([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$"


def refuse(code: str, message: str) -> PydanticCustomError:
    """A mistake of the user's, to be raised within a validator; *code* is the diagnostic's."""
    return PydanticCustomError(code, "{message}", {"message": message})


def _text(value: Any, wanted: str, code: str = "wrong-type") -> str:
    if isinstance(value, str):
        return value
    raise refuse(code, f"expected {wanted}, found {found(value)}")


def found(value: Any) -> str:
    """What a value of the wrong type is called by people who write YAML."""
    match value:
        case None:
            return "nothing"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case _:
            return shown(value) if isinstance(value, str) else repr(value)


def _parsed(parse: Callable[[str], _T], wanted: str, code: str) -> Callable[[Any], _T]:
    def validate(value: Any) -> _T:
        text = _text(value, wanted)
        if len(text) > _LONGEST:
            raise refuse(code, f"expected {wanted}, found {len(text):,} characters that begin with {shown(text)}")
        try:
            return parse(text)
        except ValueError as error:
            if isinstance(error, PydanticCustomError):
                raise
            raise refuse(code, str(error)) from error

    return validate


def _number(text: str, wanted: str = "a plain number; write it like 100 or 2.5") -> Decimal:
    if not _NUMBER.fullmatch(text):
        digits = text.replace(".", "", 1)
        long = digits.isdecimal() and digits.isascii()
        message = (
            f"{text!r} has too many digits; write at most 15, and 12 decimals" if long else f"{text!r} is not {wanted}"
        )
        raise ValueError(message)
    return Decimal(text)


def _percent(text: str, example: str) -> Decimal:
    number = text.removesuffix("%").rstrip()
    return _number(number, f"a percentage; write it like {example}") / 100


@lru_cache(maxsize=512)
def objective(text: str) -> Decimal:
    """
    A ratio within (0.01, 1), from a percentage.

    Raises:
        ValueError: *text* is no such percentage, or has more digits than a rule can tell apart.
    """
    ratio = _percent(text, "99.9")
    if ratio <= Decimal("0.01"):
        hint = (
            f"; a ratio of {text} is written {(ratio * 10_000).normalize():f}"
            if Decimal("0.005") <= ratio < Decimal("0.01")
            else ""
        )
        message = f"{text!r} is too low; an objective is a percentage above 1 and below 100, like 99.9{hint}"
        raise ValueError(message)
    if ratio >= 1:
        message = f"{text!r} leaves no error budget; an objective is a percentage above 1 and below 100, like 99.9"
        raise ValueError(message)
    if ratio != round(ratio, _DECIMALS + 2):
        message = f"{text!r} has more digits than a rule can tell apart; write at most {_DECIMALS} decimals"
        raise ValueError(message)
    return ratio


def _share(text: str) -> Decimal:
    share = _percent(text, "2%")
    if not 0 < share <= 1:
        message = f"{text!r} is no share of the budget; write a percentage above 0 and up to 100, like 2%"
        raise ValueError(message)
    return share


def _rate(text: str) -> Decimal:
    rate = _number(text)
    if rate < 1:
        message = f"{text!r} is too slow; a burn rate below 1 keeps the promise, so write 1 or more"
        raise ValueError(message)
    return rate


def _positive(text: str) -> Decimal:
    number = _number(text)
    if not number:
        message = f"{text!r} is no limit; write a number above 0, or leave the key out"
        raise ValueError(message)
    return number


def _version(text: str) -> tuple[int, int]:
    match = _VERSION.fullmatch(text)
    if match is None:
        message = f"{text!r} is not a Prometheus version; write it like 2.42 or 3.5"
        raise ValueError(message)
    return int(match[1]), int(match[2])


def _day(text: str) -> str:
    from datetime import date  # late: few files name a day

    if not _DAY.fullmatch(text):
        message = f"{text!r} is not a day; write it like 2026-12-31"
        raise ValueError(message)
    try:
        date.fromisoformat(text)
    except ValueError:
        message = f"there is no day {text}; write one like 2026-12-31"
        raise ValueError(message) from None
    return text


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        message = f"{text!r} is neither true nor false"
        raise ValueError(message)
    return text == "true"


def _name(text: str) -> str:
    if len(text) > naming.MAXIMUM_NAME or not naming.NAME.fullmatch(text):
        message = (
            f"{text!r} is not a name; write lower-case letters, digits and inner hyphens, at most {naming.MAXIMUM_NAME}"
        )
        raise ValueError(message)
    return text


def _label(text: str) -> str:
    if not naming.LABEL.fullmatch(text) or text.startswith("__"):
        message = f"{text!r} is not a label name; write letters, digits and '_', not beginning with a digit or '__'"
        raise ValueError(message)
    return text


def _alert_name(text: str) -> str:
    if not naming.ALERT.fullmatch(text):
        message = f"{text!r} is not an alert name; write letters, digits and '_', not beginning with a digit"
        raise ValueError(message)
    return text


def _any_text(value: Any) -> str:
    return _text(value, "text")


def filled(value: Any) -> str:
    """*value*, a text that is not blank."""
    text = _any_text(value)
    if not text.strip():
        raise refuse("empty-text", "nothing is written here, where a text is needed")
    return text


def _switched(value: Any) -> Any:
    """``false`` switches something off (None), ``true`` leaves it at its defaults, a mapping changes it."""
    return None if value == "false" else {} if value == "true" else value


def _numeric(pattern: str, **limits: float) -> dict[str, Any]:
    """A number within *limits*, or a text that *pattern* matches; with as many digits as `_NUMBER` has."""
    return {"anyOf": [{"type": "number", "exclusiveMaximum": 10**15, **limits}, {"type": "string", "pattern": pattern}]}


Text = Annotated[str, Scalar(_any_text, {"type": ["string", "number", "boolean"]})]
Filled = Annotated[str, Scalar(filled, {"type": "string", "pattern": r"\S"})]
LabelValue = Text
Duration = Annotated[
    Window,
    Scalar(
        _parsed(Window.parse, "a duration like 5m or 30d", "bad-duration"),
        {"type": "string", "pattern": _DURATION_PATTERN, "minLength": 2},
    ),
]
Threshold = Annotated[
    Decimal,
    Scalar(
        _parsed(latency_seconds, "a latency like 500ms", "bad-duration"),
        {"type": "string", "pattern": r"^(?=.*[1-9])[0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h)$"},
    ),
]
Objective = Annotated[
    Decimal,
    Scalar(
        _parsed(objective, "a percentage like 99.9", "bad-objective"),
        _numeric(r"^(?!1(\.0*)? *%?$)[1-9][0-9]?(\.[0-9]{1,10})? *%?$", exclusiveMinimum=1, exclusiveMaximum=100),
    ),
]
Share = Annotated[
    Decimal,
    Scalar(
        _parsed(_share, "a percentage like 2%", "bad-number"),
        _numeric(r"^(?=.*[1-9])([0-9]{1,2}(\.[0-9]+)?|100(\.0+)?) *%?$", exclusiveMinimum=0, maximum=100),
    ),
]
Rate = Annotated[
    Decimal,
    Scalar(
        _parsed(_rate, "a burn rate like 14.4", "bad-number"),
        _numeric(r"^(?=0*[1-9])[0-9]{1,15}(\.[0-9]{1,12})?$", minimum=1),
    ),
]
Count = Annotated[
    Decimal,
    Scalar(
        _parsed(_positive, "a number", "bad-number"),
        _numeric(r"^(?=.*[1-9])[0-9]{1,15}(\.[0-9]{1,12})?$", exclusiveMinimum=0),
    ),
]
Version = Annotated[
    tuple[int, int],
    Scalar(
        _parsed(_version, "a version like 2.42", "bad-version"),
        _numeric(r"^[0-9]{1,3}\.[0-9]{1,3}(\.[0-9]{1,5})?$", minimum=1),
    ),
]
Day = Annotated[
    str,
    Scalar(_parsed(_day, "a day like 2026-12-31", "bad-day"), {"type": "string", "pattern": _DAY_PATTERN}),
]
Flag = Annotated[bool, Scalar(_parsed(_flag, "true or false", "wrong-type"), {"enum": [True, False, "true", "false"]})]
Name = Annotated[
    str,
    Scalar(
        _parsed(_name, "a name", "bad-name"),
        {"type": ["string", "integer"], "pattern": f"^{naming.NAME.pattern}$", "maxLength": naming.MAXIMUM_NAME},
    ),
]
LabelName = Annotated[
    str,
    Scalar(
        _parsed(_label, "a label name", "bad-label"),
        {"type": "string", "pattern": r"^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$"},
    ),
]
AlertName = Annotated[
    str,
    Scalar(
        _parsed(_alert_name, "an alert name", "bad-name"), {"type": "string", "pattern": f"^{naming.ALERT.pattern}$"}
    ),
]
SWITCH = Switch(_switched, {"enum": [True, False, "true", "false"]})
