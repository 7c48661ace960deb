"""
The rule groups that a ruler keeps, by Mimir's configuration API.

Source: https://grafana.com/docs/mimir/latest/references/http-api/#ruler
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import quote

from slogen import source
from slogen.diagnostics import Report
from slogen.live.access import Access
from slogen.live.faults import MISSING, OK, UnreachableError
from slogen.live.session import Session
from slogen.pushing import NAMESPACE, Step
from slogen.rule_files import RuleFile, read

_RULES: Final = "/config/v1/rules"


class Ruler:
    """A ruler's configuration; *access* names what stands before ``/config/v1/rules``, often ``/prometheus``."""

    def __init__(self, access: Access) -> None:
        self._url = f"{access.url}{_RULES}"
        self._session = Session(access)

    def close(self) -> None:
        """Close what is open to the server."""
        self._session.close()

    def files(self) -> tuple[RuleFile, ...]:
        """
        The groups in namespaces of slogen's, those of one namespace as a file of that name.

        Raises:
            PrometheusError: it does not tell.
        """
        with _addressed():
            answer = self._session.exchange("GET", self._url)
        if answer.status_code != OK:
            return ()
        report = Report()
        documents = source.read_all(self._url, answer.content, report) or ()
        data = documents[0].data if documents else {}
        if report.failed or not isinstance(data, dict):
            message = "the answer is no rule groups by namespace; this is no ruler, or something stands before it"
            raise UnreachableError(message)
        found = [
            file
            for namespace, groups in data.items()
            if str(namespace).startswith(NAMESPACE)
            for file in read(str(namespace), json.dumps({"groups": groups}), report)
        ]
        _refuse_unread(report)
        return tuple(found)

    def send(self, steps: Iterable[Step]) -> Iterable[Step]:
        """
        Each of *steps* once it is done.

        Raises:
            PrometheusError: one is refused; those before it are done.
        """
        for step in steps:
            if not step.namespace.startswith(NAMESPACE):
                raise AssertionError(step)
            namespace = f"{self._url}/{quote(step.namespace, safe='')}"
            with _addressed():
                if step.fields is None:
                    self._session.exchange("DELETE", f"{namespace}/{quote(step.group, safe='')}")
                else:
                    self._session.exchange("POST", namespace, json.dumps(step.fields, ensure_ascii=False).encode())
            yield step


@contextmanager
def _addressed() -> Iterator[None]:
    """Tell where the API would be when there is none."""
    try:
        yield
    except UnreachableError as error:
        if error.status not in MISSING:
            raise
        message = (
            f"there is no configuration API of a ruler at this address (HTTP {error.status}); name the part of the URL "
            f"before {_RULES}"
        )
        raise UnreachableError(message, error.status) from error


def _refuse_unread(report: Report) -> None:
    """Deleting or replacing what was not understood could lose something."""
    if report.failed:
        message = f"a rule group of slogen's cannot be read: {report.diagnostics[0]}"
        raise UnreachableError(message)
