"""
The shapes of the JSON documents that slogen writes, as JSON Schemas, and the judge of each before it is written.

A document that breaks its schema is a mistake of slogen's own, never of the user's.
"""

import json
import pkgutil
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

_BYTES: Final = 10_240


class Kind(StrEnum):
    """A kind of document; its schema is the file of that name beside this one."""

    SERVICE = "service"
    SLO = "slo"
    ALERT_POLICY = "alert-policy"
    TERRAFORM = "terraform"


class UnfitDocumentError(Exception):
    """slogen was about to write a document that its reader would refuse."""


def schema(kind: Kind) -> dict[str, Any]:
    """The JSON Schema, draft 2020-12, of the documents of one *kind*."""
    found: dict[str, Any] = json.loads(pkgutil.get_data(__name__, f"{kind}.schema.json") or "")
    return found


def problems(kind: Kind, document: Mapping[str, Any]) -> tuple[str, ...]:
    """What is wrong with a *document*, each with its place in it; nothing when it is fit to be written."""
    errors = _validator(kind).iter_errors(document)
    return tuple(sorted(f"{error.json_path}: {error.message}" for error in errors))


def judge(kind: Kind, document: Mapping[str, Any]) -> None:
    """
    Let a *document* pass that is fit to be written.

    Raises:
        UnfitDocumentError: it is not, on account of slogen.
    """
    if found := problems(kind, document):
        raise UnfitDocumentError(f"{kind}: {'; '.join(found)}")


@cache
def _validator(kind: Kind) -> "Draft202012Validator":
    # Late: it takes longer to load than a small file to compile.
    from jsonschema import Draft202012Validator, FormatChecker

    formats = FormatChecker(formats=())

    @formats.checks("at-most-10240-bytes")
    def _(text: object) -> bool:
        return not isinstance(text, str) or len(text.encode()) <= _BYTES

    @formats.checks("multiple-of-30-seconds")
    def _(text: object) -> bool:
        return not isinstance(text, str) or int(text.removesuffix("s")) % 30 == 0

    return Draft202012Validator(schema(kind), format_checker=formats)
