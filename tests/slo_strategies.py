"""SLO files that are right, of every kind and with every option, to be tried by Hypothesis."""

from decimal import Decimal
from typing import Any, Final

from hypothesis import strategies as st

from slogen import presets
from slogen.live import checks
from slogen.promql import Matcher
from slogen.units import SECONDS_PER, plain

Json = dict[str, Any]

ORGANISATION: Final = """\
prometheus_version: 2.42
policies:
  two-pages:
    - {severity: page, budget: 2%, long: 1h, short: 5m}
    - {severity: page, budget: 5%, long: 6h, short: 30m}
  one-ticket:
    - {severity: ticket, burn_rate: 2, long: 2d, short: 3h}
  uneven:
    - {severity: page, burn_rate: 7.3, long: 100m, short: 7m}
    - {severity: page, burn_rate: 14.4, long: 25h, short: 90m}
    - {severity: ticket, budget: 33.3 %, long: 2d, short: 5m}
"""

GROUPS: Final = ("region", "zone")
"""Labels that an SLO may be grouped by; what the user sets has other names."""

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
"""Any text whatever that can be written to a file."""

plain_texts = texts.filter(lambda text: "{{" not in text)
"""Texts that Prometheus does not take for templates."""

names = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,12}[a-z0-9])?", fullmatch=True)
label_names = st.sampled_from(["team", "tier", "_x", "Team", "severity", "on", "yes", "null", "n1"])
label_values = st.one_of(plain_texts, st.sampled_from(["{{ $labels.region }}", "{{ .Value | humanize }}", "", "1"]))
labels = st.dictionaries(label_names, label_values, max_size=3)
annotations = st.dictionaries(
    st.sampled_from(["runbook_url", "dashboard", "summary", "note"]), label_values, max_size=2
)

metrics = st.sampled_from(["up", "http_requests_total", "a:b:c", "_x", "sum", "inf"])
operators = st.sampled_from(["=", "!="])
patterns = st.sampled_from(["5..", "a|b", ".+", r"\d+", "(?i:x)", ""])
matchers = st.lists(
    st.one_of(
        st.builds(Matcher, st.sampled_from(["job", "code", "path"]), operators, texts),
        st.builds(Matcher, st.sampled_from(["job", "code"]), st.sampled_from(["=~", "!~"]), patterns),
    ),
    max_size=3,
)


def _selector(metric: str, listed: list[Matcher]) -> str:
    written = f"{{{','.join(map(str, listed))}}}" if listed else ""
    return '{__name__="inf"}' if metric == "inf" else metric + written


selectors = st.builds(_selector, metrics, matchers)


@st.composite
def availability(draw: st.DrawFn) -> Json:
    total = draw(selectors)
    part = draw(selectors.filter(lambda text: text != total))
    return {"total": total, draw(st.sampled_from(["bad", "good"])): part}


@st.composite
def latency(draw: st.DrawFn) -> Json:
    ending = draw(st.sampled_from(["seconds", "milliseconds", "duration"]))
    spec: Json = {"threshold": draw(st.sampled_from(["500ms", "0.25s", "2s", "1m", "1500us", "10ns", "1000s", "3h"]))}
    if ending == "duration":
        spec["unit"] = draw(st.sampled_from(sorted(SECONDS_PER)))
    listed = draw(matchers)
    match draw(st.sampled_from(["histogram", "parts", "native"])):
        case "parts":
            spec |= {part: _selector(f"request_{ending}_{part}", listed) for part in ("count", "bucket")}
        case kind:
            spec |= {"histogram": _selector(f"request_{ending}", listed)}
            spec |= {"native": draw(st.sampled_from([True, "true"]))} if kind == "native" else {}
    if draw(st.booleans()):
        spec["matchers"] = ", ".join(map(str, draw(matchers)))
    return {key: value for key, value in spec.items() if value != ""}


@st.composite
def query(draw: st.DrawFn, group_by: list[str]) -> Json:
    window = draw(st.sampled_from(["$window", "{{.window}}", "{{ .window }}"]))
    function = draw(st.sampled_from(["rate", "increase"]))
    grouping = f" by ({', '.join(group_by)})" if group_by else ""
    aggregated = draw(st.booleans())

    def text(metric: str, comment: str) -> str:
        inner = f"{function}({metric}[{window}])"
        return f"sum{grouping} ({inner}){comment}" if aggregated else f"{inner}{comment}"

    comment = draw(st.sampled_from(["", " # of all", "\n", "\n# the end"]))
    part = draw(st.sampled_from(["bad", "good"]))
    listed = ",".join(map(str, draw(matchers)))
    returns = {"rate": "rate", "increase": "increase"}[function]
    return {"total": text("a_total", comment), part: text(f"a_total{{{listed}}}", comment), "returns": returns}


@st.composite
def ratio(draw: st.DrawFn, group_by: list[str]) -> Json:
    grouping = f" by ({', '.join(group_by)})" if group_by else ""
    window = draw(st.sampled_from(["$window", "{{.window}}"]))
    parts = [f"sum{grouping} (rate({metric}[{window}]))" for metric in ("bad_total", "all_total")]
    return {"query": draw(st.sampled_from([" / ", "\n/\n"])).join(parts)}


@st.composite
def of_preset(draw: st.DrawFn) -> Json:
    name = draw(st.sampled_from(presets.names()))
    preset = presets.load(name)
    needed = [key for key, field in preset.params.model_fields.items() if field.is_required()]
    given = {key: draw(st.sampled_from(["shop", "a.b-c", "x/y"])) for key in needed}
    spec: Json = {"preset": name}
    if draw(st.booleans()) or given:
        spec["with"] = given
    kind = draw(st.sampled_from([kind for kind in ("availability", "latency") if getattr(preset, kind)]))
    if kind == "latency" and preset.latency:
        found = preset.latency(preset.params.model_validate(given))
        bound = draw(st.sampled_from(found.buckets or (Decimal(1),)))
        spec["threshold"] = f"{plain(bound * SECONDS_PER[found.unit])}s"
    return {kind: spec}


@st.composite
def slis(draw: st.DrawFn, group_by: list[str]) -> Json:
    match draw(st.sampled_from(["availability", "latency", "probe", "query", "ratio", "preset"])):
        case "availability":
            return {"availability": draw(availability())}
        case "latency":
            return {"latency": draw(latency())}
        case "probe":
            return {"probe": {"gauge": draw(selectors)}}
        case "query":
            return {"query": draw(query(group_by))}
        case "ratio":
            return {"ratio": draw(ratio(group_by))}
        case _:
            return draw(of_preset())


@st.composite
def alerting(draw: st.DrawFn) -> Json:
    severity = st.fixed_dictionaries({}, optional={"labels": labels, "annotations": annotations})
    named = st.fixed_dictionaries({}, optional={"name": st.sampled_from(["Blind", "_B1"]), "labels": labels})
    return draw(
        st.fixed_dictionaries(
            {},
            optional={
                "name": st.sampled_from(["Burning", "_Burn1"]),
                "page": st.one_of(severity, st.booleans()),
                "ticket": st.one_of(severity, st.booleans()),
                "no_data": st.one_of(named, st.booleans()),
                "split_tiers": st.booleans(),
                "weigh_coverage": st.booleans(),
                "min_events": st.sampled_from([1, 100, "0.5", 1000000]),
            },
        )
    )


given = st.fixed_dictionaries({"name": texts.filter(str.strip), "availability": st.sampled_from(["99", "99.95 %"])})
parts = st.recursive(
    given,
    lambda inner: st.builds(
        lambda kind, several: {kind: several},
        st.sampled_from(["series", "parallel"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=5,
)


@st.composite
def slos(draw: st.DrawFn, name: str) -> Json:
    """An SLO, as it is written."""
    group_by = draw(st.lists(st.sampled_from(GROUPS), unique=True))
    slo: Json = {"name": name, "group_by": group_by, "sli": draw(slis(group_by)), "alerting": draw(alerting())}
    if "ratio" in slo["sli"]:
        slo["alerting"].pop("min_events", None)
    slo["objective"] = draw(st.decimals(98, "99.9999", places=4)).to_eng_string()
    if "latency" not in slo["sli"] and draw(st.booleans()):
        slo["depends_on"] = draw(st.lists(parts, min_size=1, max_size=3))
    if draw(st.booleans()):
        snoozed = draw(st.lists(st.sampled_from(checks.names()), min_size=1, max_size=3, unique=True))
        days = st.dates().map(str)
        slo["checks"] = [
            {"snooze": name, "until": draw(days), "reason": draw(texts.filter(str.strip))} for name in snoozed
        ]
    slo |= draw(
        st.fixed_dictionaries(
            {},
            optional={
                "description": texts,
                "window": st.sampled_from(["3d", "7d", "28d", "30d", "4w", "40d", "90d", "100h"]),
                "sla": st.sampled_from([95, "97.5 %"]),
                "labels": labels,
                "annotations": annotations,
                "scrape_interval": st.sampled_from(["5s", "15s", "17s", "30s", "45s", "1m", "75s", "2m30s"]),
                "strategy": st.sampled_from(["hierarchical", "raw", "hybrid"]),
                "policy": st.sampled_from(["workbook", "two-pages", "one-ticket", "uneven"]),
                "isolated": st.booleans(),
            },
        )
    )
    return slo


@st.composite
def services(draw: st.DrawFn) -> Json:
    """A file, as it is written."""
    listed = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    written = {"apiVersion": "slogen/v1", "service": draw(names), "slos": [draw(slos(name)) for name in listed]}
    optional = {"owner": texts, "labels": labels, "annotations": annotations}
    return written | draw(st.fixed_dictionaries({}, optional=optional))


def written(value: Any) -> str:
    """*value* as YAML, every character of every text escaped, so that nothing depends on how it is quoted."""
    match value:
        case dict():
            return "{" + ", ".join(f"{written(key)}: {written(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(written, value)) + "]"
        case bool():
            return str(value).lower()
        case str():
            return (
                '"' + "".join(one if one.isascii() and one.isalnum() else f"\\U{ord(one):08x}" for one in value) + '"'
            )
        case _:
            return str(value)


__all__ = ["ORGANISATION", "latency", "of_preset", "plain_texts", "services", "slos", "texts", "written"]
