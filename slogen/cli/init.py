"""slogen init: a first SLO file, with comments."""

import json
from pathlib import Path
from typing import Final

import click

from slogen.cli.project import Refused

_FIRST: Final = """\
# yaml-language-server: $schema=SCHEMA
# One file per service; `slogen compile` turns it into Prometheus rules.
apiVersion: slogen/v1
service: SERVICE
owner: team-name # on slo_info
labels: {} # further labels on the alerts, for routing
annotations: {} # on the alerts, such as runbook_url: https://...
slos:
  - name: availability
    description: Requests are answered without a server error.
    objective: 99.9 # percent of good events, over 30d unless `window` says otherwise
    sli:
      availability:
        # Counters: all events, and the bad ones among them (or `good:`).
        total: http_requests_total{job="SERVICE"}
        bad: http_requests_total{job="SERVICE",code=~"5.."}
    # One budget per value of a label:
    # group_by: [region]
    # With little traffic, fire only if a tier's long window holds so many events:
    # alerting: {min_events: 100}
  - name: latency
    description: Requests are answered within 500 ms.
    objective: 99
    sli:
      latency:
        # A histogram's base name; the threshold must be one of its buckets.
        histogram: http_request_duration_seconds{job="SERVICE"}
        threshold: 500ms
  # A recipe instead of selectors; `slogen presets` lists them:
  # - name: edge
  #   objective: 99.9
  #   sli: {availability: {preset: ingress-nginx, with: {ingress: SERVICE}}}
"""


@click.command("init", short_help="Write a first SLO file.")
@click.argument("path", default="slos/my-service.yaml", type=click.Path(path_type=Path))
def command(path: Path) -> None:
    """
    Write a commented SLO file to PATH, slos/my-service.yaml by default, and
    the JSON Schema for your editor beside it. Nothing is overwritten.
    """
    from slogen import naming, schema

    service = path.name.removesuffix(path.suffix)
    if not naming.NAME.fullmatch(service):
        service = "my-service"
    beside = path.with_name("slogen.schema.json")
    if path.exists():
        message = f"{path} exists; name another file"
        raise Refused(message)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not beside.exists():
            beside.write_text(json.dumps(schema.document(), indent=2) + "\n", "utf-8")
        path.write_text(_FIRST.replace("SERVICE", service).replace("SCHEMA", beside.name), "utf-8")
    except OSError as error:
        message = f"{error.filename} cannot be written: {error.strerror}"
        raise Refused(message) from error
    click.echo(f"wrote {path}; next: slogen compile {path.parent}", err=True)
