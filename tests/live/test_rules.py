"""
Rule files in real servers: every rule is evaluated and healthy, and what is recorded is the truth.

A server first evaluates a group some time within its interval, which may be ten minutes. So once the files have
been loaded as they are, copies take their place that differ in the intervals alone, and all groups have their
turn within seconds; no expression knows how often it is evaluated.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import yaml

import slogen
from live.exporter import SHARES, exporting
from live.server import Sample, Server, Toolchain, eventually, running
from slogen import naming
from slogen.model import NativeLatency, Slo, Strategy
from slogen.policy import base_window
from slogen.units import Window

ROOT = Path(__file__).resolve().parents[2]
SLOS = Path(__file__).with_name("slos")
HURRIED = "1s"
AT_ONCE = 50
CURRENT = Window.parse("5m")

RECORDS = f'{{__name__=~"slo:.+|{naming.INFO}",{naming.SLO_ID}!=""}}'
START = "slo:sli_start:"
RATIO = "slo:sli_error:ratio_rate"
PER_SLO = {naming.OBJECTIVE, naming.ERROR_BUDGET, naming.TIME_PERIOD, naming.INFO}
PER_GROUP = {naming.CURRENT_BURN_RATE, naming.PERIOD_BURN_RATE, naming.BUDGET_REMAINING}

ALERT = (naming.SLO_ID, naming.SLO_SEVERITY, naming.SLO_TIER, "region")

Files = Mapping[str, str]
"""Rule files, text by path."""


def test_every_generated_rule_file_is_healthy(tools: Toolchain, tmp_path: Path) -> None:
    folders = ("generated/prometheus", "tests/golden")
    found = [file for folder in folders for file in sorted((ROOT / folder).rglob("*.rules.yaml"))]
    assert found
    for number, files in enumerate(batches({str(file.relative_to(ROOT)): file.read_text() for file in found})):
        folder = tmp_path / str(number)
        with running(tools, folder, lambda port: configuration(tools, port)) as server:
            load(server, folder, files)
            assert unhealthy(server) == []
            assert server.complaints() == []


def test_every_kind_of_sli_records_the_truth_and_alerts_by_every_strategy(tools: Toolchain, tmp_path: Path) -> None:
    compilations = list(feature_rich())
    every = {slo.id: slo for one in compilations for slo in one.slos}
    slos = [slo for slo in every.values() if tools.major > 2 or not isinstance(slo.sli, NativeLatency)]
    with (
        exporting() as shop,
        running(
            tools, tmp_path, lambda port: configuration(tools, port, shop), "--enable-feature=native-histograms"
        ) as server,
    ):
        load(server, tmp_path, {artifact.path: artifact.text for one in compilations for artifact in one.artifacts})
        assert eventually(lambda: missing(slos, server), lambda found: not found) == set()
        full = [slo for slo in slos if not slo.weigh_coverage]
        assert eventually(lambda: amiss(full, server), lambda found: not found) == set()
        records = server.query(RECORDS)
        assert [one for one in records if not labelled(one, every[one.labels[naming.SLO_ID]])] == []
        assert eventually(lambda: untrue(server), lambda found: not found) == []
        assert written_twice(server) == []
        assert unhealthy(server) == []
        assert server.complaints() == []


def feature_rich(target: str = "prometheus") -> Iterator[slogen.Compilation]:
    """Every kind of SLI by every strategy, and as it is by default; and a service that mixes whatever may be mixed."""
    organisation = ("slogen.yaml", (SLOS / "slogen.yaml").read_text())
    compiled = partial(slogen.compile, targets=[target])
    kinds, *others = ((SLOS / name).read_text() for name in ("kinds.yaml", "mixed.yaml", "native.yaml"))
    for strategy in Strategy:
        text = kinds.replace("service: kinds", f"service: kinds-{strategy}")
        yield compiled({f"slos/kinds-{strategy}.yaml": text}, organisation=organisation, strategy=strategy)
    text = kinds.replace("service: kinds", "service: kinds-covered")
    yield compiled({"slos/kinds-covered.yaml": text})
    for text in others:
        yield compiled({"slos/service.yaml": text}, organisation=organisation)


def batches(files: Files) -> list[dict[str, str]]:
    """The *files*, apart where two of them are of one service and would write the same series."""
    found: list[tuple[set[str], dict[str, str]]] = []
    for name, text in files.items():
        rules = (rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"])
        services = {rule["labels"][naming.SLO_SERVICE] for rule in rules}
        batch = next((batch for batch in found if not batch[0] & services), None)
        if batch is None:
            batch = (set(), {})
            found.append(batch)
        batch[0].update(services)
        batch[1][name] = text
    return [batch for _, batch in found]


def configuration(tools: Toolchain, port: int, shop: str = "") -> dict[str, Any]:
    """What the server scrapes, every second: itself, native histograms beside the classic ones, and the shop."""
    itself: dict[str, Any] = {"job_name": "prometheus", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
    if tools.major > 2:
        itself["always_scrape_classic_histograms"] = True
    return {
        "global": {"scrape_interval": "1s"},
        "rule_files": ["rules/*"],
        "scrape_configs": [itself, *([{"job_name": "shop", "static_configs": [{"targets": [shop]}]}] if shop else [])],
    }


def load(server: Server, folder: Path, files: Files) -> None:
    """Load the *files* as they are, then hurried, and wait until every rule has seen a few scrapes."""
    (folder / "rules").mkdir()
    written = {
        folder / "rules" / name.replace("/", "-"): yaml.safe_load(text)["groups"] for name, text in files.items()
    }
    for (path, _), text in zip(written.items(), files.values(), strict=True):
        path.write_text(text)
    server.reload()
    groups = [group for loaded in written.values() for group in loaded]
    shipped = Counter((group["name"], len(group["rules"])) for group in groups)
    assert Counter((group["name"], len(group["rules"])) for group in server.groups()) == shipped
    for path, loaded in written.items():
        path.write_text(json.dumps({"groups": [{**group, "interval": HURRIED} for group in loaded]}))
    server.reload()
    assert eventually(lambda: server.query("count_over_time(up[1m]) > 3"), bool)
    scraped = server.query("vector(time())")[0].value
    assert eventually(lambda: lagging(server, scraped), lambda found: not found) == []


def lagging(server: Server, moment: float) -> list[str]:
    """Groups that were not evaluated since *moment*."""
    evaluated = {group["name"]: datetime.fromisoformat(group["lastEvaluation"]) for group in server.groups()}
    return [name for name, when in evaluated.items() if when.timestamp() < moment]


def unhealthy(server: Server) -> list[tuple[str, str, str]]:
    """Rules that failed, and why."""
    return [
        (rule["name"], rule["query"], rule.get("lastError", ""))
        for rule in server.rules()
        if rule["health"] != "ok" or rule.get("lastError")
    ]


def regions(slo: Slo) -> list[str]:
    """The groups that the exporter gives an SLO: its regions, or one without a name."""
    return [region for region in SHARES if bool(region) == ("region" in slo.group_by)]


def missing(slos: Iterable[Slo], server: Server) -> set[tuple[str, str, str]]:
    """Records that there ought to be, of every group of every SLO, and are not."""
    there = {
        (one.labels["__name__"], one.labels[naming.SLO_ID], one.labels.get("region", ""))
        for one in server.query(RECORDS)
    }
    wanted = set()
    for slo in slos:
        base = base_window(slo.scrape_interval)
        grouped = {naming.base(kind, base) for kind in (naming.EVENTS, naming.ERRORS)}
        windows = {CURRENT, slo.window, *(window for pair in slo.window_pairs for window in pair)}
        grouped |= {naming.error_ratio(window) for window in windows} | PER_GROUP
        wanted |= {(name, slo.id, region) for name in grouped for region in regions(slo)}
        per_slo = {*PER_SLO, *([naming.base(naming.START, base)] if slo.weigh_coverage else [])}
        wanted |= {(name, slo.id, "") for name in per_slo}
    return wanted - there


def labelled(record: Sample, slo: Slo) -> bool:
    """Whether a record has the labels that name its SLO and group, and no other."""
    name = record.labels["__name__"]
    own = dict(zip(naming.IDENTITY, (slo.id, slo.service, slo.name), strict=True))
    if name == naming.INFO:
        described = {"owner": slo.owner, "description": slo.description}
        own |= {**slo.labels, **{label: text for label, text in described.items() if text}}
    elif name not in PER_SLO and not name.startswith(START):
        own |= {label: record.labels.get(label, "") for label in slo.group_by}
    return record.labels == {"__name__": name, **own}


def untrue(server: Server) -> list[Sample]:
    """
    Error ratios that are not the exporter's, by more than a twentieth.

    Events and errors are not read at quite the same moment: a scrape may come between, or a group that takes means.
    So soon after the first scrapes, while rates still rise, that shows; in time it goes.
    """
    return [
        record
        for record in server.query(f'{{__name__=~"{RATIO}.+"}}')
        for share in [SHARES[record.labels.get("region", "")] if record.labels[naming.SLO_SERVICE] != "native" else 0]
        if abs(record.value - share) > max(share / 20, 1e-9)
    ]


def amiss(slos: Iterable[Slo], server: Server) -> set[tuple[str, ...]]:
    """Alerts that ought to fire and do not, or not in these words, and alerts that are there and ought not to be."""
    measured = {slo.id: slo for slo in slos}
    wanted = {
        (slo.id, alert.severity.value, tier.name if slo.split_tiers else "", region, f"{burn:.4g} times. It is spent.")
        for slo in measured.values()
        if slo.service != "native"
        for alert in slo.alerts
        for tier in alert.tiers
        for region in regions(slo)
        for burn in [SHARES[region] / float(slo.error_budget)]
    }
    burns = {burn for *_, burn in wanted}
    there = {
        (*(alert["labels"].get(label, "") for label in ALERT), about(says(alert), burns))
        for alert in server.api("alerts")["alerts"]
        if alert["labels"][naming.SLO_ID] in measured
    }
    return wanted ^ there


def about(said: str, burns: Iterable[str]) -> str:
    """The one of *burns* that is *said* to a twentieth, as far as a scrape that came late makes it; else just that."""

    def number(text: str) -> float:
        return float(text.partition(" ")[0])

    if not said[:1].isdigit():
        return said
    return next((burn for burn in burns if abs(number(said) - number(burn)) <= number(burn) / 20), said)


def says(alert: dict[str, Any]) -> str:
    """The end of the wording of an alert that fires; of another one, its state."""
    if alert["state"] != "firing":
        return str(alert["state"])
    text = " ".join(alert["annotations"]["description"].split())
    return text.partition("The budget burns at ")[2].replace(" the planned rate now.", ".")


def written_twice(server: Server) -> list[str]:
    """Series that more than one recording rule gives, or one rule twice."""
    rules = [rule for rule in server.rules() if rule["type"] == "recording"]
    given: Counter[str] = Counter()
    for first in range(0, len(rules), AT_ONCE):
        # Each expression's results are told apart by a label, so that many can be asked for at once.
        numbered = enumerate(rules[first : first + AT_ONCE], first)
        exprs = [f'label_replace({rule["query"]}, "rule", "{number}", "", "")' for number, rule in numbered]
        for sample in server.query(" or ".join(exprs)):
            rule = rules[int(sample.labels["rule"])]
            labels = {**sample.labels, **rule.get("labels", {}), "__name__": rule["name"], "rule": ""}
            given[str(sorted(labels.items()))] += 1
    assert given
    return [series for series, times in given.items() if times > 1]
