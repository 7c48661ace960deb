"""
Results of tests as JUnit's XML, which every CI reads.

Source: https://github.com/testmoapp/junitxml
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterable

from slogen.cli.trying import Result

_TAGS = {"failed": "failure", "skipped": "skipped", "unproven": "skipped"}


def document(results: Iterable[Result]) -> str:
    """A suite for each SLO, a case for each case."""
    by_slo: dict[str, list[Result]] = {}
    for result in results:
        by_slo.setdefault(result.slo, []).append(result)
    root = ET.Element("testsuites", name="slogen")
    for slo, cases in by_slo.items():
        states = [_TAGS.get(case.state) for case in cases]
        suite = ET.SubElement(root, "testsuite", name=slo, tests=str(len(cases)), errors="0")
        suite.set("failures", str(states.count("failure")))
        suite.set("skipped", str(states.count("skipped")))
        for case in cases:
            entry = ET.SubElement(suite, "testcase", classname=slo, name=case.case, time=f"{case.seconds:.3f}")
            if tag := _TAGS.get(case.state):
                detail = ET.SubElement(entry, tag, message=_printable(case.said.strip().partition("\n")[0]))
                detail.text = _printable(case.said)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _printable(text: str) -> str:
    """*text* without what XML cannot hold."""
    return "".join(char if char.isprintable() or char in "\t\n" else "\N{REPLACEMENT CHARACTER}" for char in text)
