"""Documents for Cloud Monitoring, read strictly by the message types of Google's own client."""

import json
from typing import Any

from google.cloud.monitoring_v3 import AlertPolicy, Service, ServiceLevelObjective
from google.protobuf.json_format import MessageToDict, Parse

from slogen.documents import Kind

_TYPES: dict[Kind, Any] = {Kind.SERVICE: Service, Kind.SLO: ServiceLevelObjective, Kind.ALERT_POLICY: AlertPolicy}


def kind_of(path: str) -> Kind:
    """What the file at *path* below ``generated/`` holds."""
    if path.endswith("/service.json"):
        return Kind.SERVICE
    return Kind.SLO if path.endswith(".slo.json") else Kind.ALERT_POLICY


def parse(kind: Kind, text: str) -> Any:
    """
    The message that *text* says.

    Raises:
        ParseError: it is no JSON, names a field that there is not, or gives one a value that it does not take.
    """
    return Parse(text, _TYPES[kind].pb()(), ignore_unknown_fields=False)


def parse_and_print(kind: Kind, text: str) -> dict[str, Any]:
    """What is left of *text* once it was a message: zeros, which are the same as nothing there, are gone."""
    printed: dict[str, Any] = MessageToDict(parse(kind, text))
    return printed


def without_zeros(document: Any) -> Any:
    """*document* as a message prints it: numbers that are 0 left out."""
    if isinstance(document, dict):
        kept = {key: without_zeros(value) for key, value in document.items()}
        return {key: value for key, value in kept.items() if isinstance(value, bool) or value != 0}
    return [without_zeros(value) for value in document] if isinstance(document, list) else document


def read(text: str) -> dict[str, Any]:
    """*text* as JSON, in which no key stands twice."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys)), f"a key stands twice among {keys}"
        return dict(pairs)

    document: dict[str, Any] = json.loads(text, object_pairs_hook=once)
    return document
