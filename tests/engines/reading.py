"""What tests of the targets for rule engines read of what is generated, by value."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

import slogen
from slogen import Compilation

ROOT = Path(__file__).parent.parent.parent
SLOS = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in sorted((ROOT / "slos").rglob("*.yaml"))}
OF_ENGINES = ("prometheus_operator:", "victoriametrics:")
ORGANISATION = "".join(
    line
    for line in (ROOT / "slogen.yaml").read_text("utf-8").splitlines(keepends=True)
    if not line.startswith(OF_ENGINES)
)
"""What slogen.yaml says, but for engines, of which each test says what it is about."""

SLO = "  - {{name: {0}, objective: 99.9, sli: {{probe: {{gauge: 'up{{job=\"{0}\"}}'}}}}}}\n"


def service(name: str, *slos: str, more: str = "") -> dict[str, bytes]:
    """A file of a service with SLOs of these names, to each of which *more* is added."""
    listed = "".join(SLO.format(slo).replace("}}}\n", f"}}}}{more}}}\n") for slo in slos)
    return {f"slos/{name}.yaml": f"apiVersion: slogen/v1\nservice: {name}\nslos:\n{listed}".encode()}


def compiled(files: Mapping[str, bytes], target: str, organisation: str = "") -> Compilation:
    return slogen.compile(files, organisation=("slogen.yaml", organisation or "{}"), targets=[target])


def documents(compilation: Compilation) -> dict[str, list[dict[str, Any]]]:
    """The YAML documents of each file, by its path."""
    return {artifact.path: list(yaml.safe_load_all(artifact.text)) for artifact in compilation.artifacts}


def groups(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The groups of a rule file or of an object."""
    found: list[dict[str, Any]] = document["spec"]["groups"] if "spec" in document else document["groups"]
    return found


def rules(compilation: Compilation) -> list[tuple[Any, ...]]:
    """Every rule with its group and interval, as values, in order."""
    return [
        (group["name"], group["interval"], rule)
        for listed in documents(compilation).values()
        for document in listed
        for group in groups(document)
        for rule in group["rules"]
    ]


@cache
def _validator(kind: str) -> Draft202012Validator:
    name = "Rules" if kind.endswith("Rules") else kind
    schema = json.loads((Path(__file__).parent / f"schemas/{name}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def problems(document: Mapping[str, Any]) -> list[str]:
    """What the definition of an object's kind finds wrong with it."""
    found = [error.message for error in _validator(document["kind"]).iter_errors(document)]
    names = [group["name"] for group in document["spec"].get("groups", ())]
    return found + [f"{name} is there twice" for name in set(names) if names.count(name) > 1]


def promtool_takes(promtool: Path, found: list[dict[str, Any]], folder: Path) -> None:
    """Promtool takes the groups, but for fields that Prometheus does not know."""
    known = ("name", "interval", "rules")
    plain = {"groups": [{key: group[key] for key in known} for group in found]}
    path = folder / "rules.yaml"
    path.write_text(json.dumps(plain), "utf-8")
    done = subprocess.run([promtool, "check", "rules", path], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


BASES = re.compile(r"slo:sli_(events|errors):rate\w+")


def but_for_bases(found: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """*found*, without the expressions of base series."""
    return [
        (group, interval, {**rule, "expr": ""} if BASES.fullmatch(rule.get("record", "")) else rule)
        for group, interval, rule in found
    ]


def base_expressions(found: list[tuple[Any, ...]]) -> list[str]:
    return [rule["expr"] for _, _, rule in found if BASES.fullmatch(rule.get("record", ""))]


def every_group(compilation: Compilation) -> Iterator[dict[str, Any]]:
    for listed in documents(compilation).values():
        for document in listed:
            yield from groups(document)
