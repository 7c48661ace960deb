"""Every code that a diagnostic may have: what is wrong, why that matters, what to do about it."""

from types import MappingProxyType
from typing import Final

CODES: Final = MappingProxyType(
    {
        "bad-day": (
            "The text is no day that there is. A check is snoozed until the end of a day, in UTC; write it as year, "
            "month and day, like 2026-12-31."
        ),
        "bad-duration": (
            "The text is no duration, or none that is allowed here. Windows are written as Prometheus writes them, "
            "like 30s, 5m, 1h30m or 30d; latency thresholds like 500ms or 2s."
        ),
        "bad-file-name": (
            "The file's name holds a character that cannot be printed. Every generated file names its source in its "
            "first line, so rename the file."
        ),
        "bad-label": (
            "The text is no label name that every Prometheus takes: letters, digits and `_`, not beginning with a "
            "digit or `__`. Prometheus would refuse the rule file, so rename the label."
        ),
        "bad-name": (
            "The name has a character that it may not have, or too many. Names of services and SLOs become parts of "
            "labels, groups and file names, which is why they are lower-case letters, digits and inner hyphens, at "
            "most 63; names of alerts and metrics are those that Prometheus takes."
        ),
        "bad-number": (
            "The text is no number, or one outside of what is allowed here. Write plain digits such as 100 or 2.5, "
            "within the range that the message names."
        ),
        "bad-objective": (
            "An objective is a percentage above 1 and below 100, with at most ten decimals, like 99.9. At 100 there is "
            "no error budget that could burn; a ratio such as 0.999 would promise next to nothing."
        ),
        "bad-policy": (
            "A policy's tiers contradict each other or themselves. Each tier has a budget share or a burn rate and a "
            "short window below its long one, each severity one tier for each long window, and the name `workbook` is "
            "slogen's own."
        ),
        "bad-promql": (
            "Prometheus would not read this PromQL, and with it not the rule file. The place is that of the first "
            "character that cannot stand; correct it there."
        ),
        "bad-regex": (
            "Prometheus would not take this regular expression: it reads RE2, without look-around and backreferences, "
            "and matches whole label values. Correct the expression at the place named."
        ),
        "bad-rule-file": (
            "The file is no rule file, or Prometheus would refuse what stands there, so it cannot be compared. A rule "
            "file holds `groups`, each with a name and rules, each rule with `record` or `alert` and an `expr`; an "
            "object of Kubernetes holds them under `spec`."
        ),
        "bad-selector": (
            "Here stands PromQL that is not a selector, or not of what the key asks for. slogen adds rates, windows "
            "and sums itself: write a metric with its matchers, or measure with the SLI kind `query`."
        ),
        "bad-template": (
            "Prometheus reads annotations and alert labels as Go templates, and one that does not parse makes it "
            "refuse the whole rule file; slogen's own templates are Jinja's. Correct the template at the place named."
        ),
        "bad-value": "The key takes one of a few words, and this is none of them. Write one that the message lists.",
        "bad-version": (
            "The text is no version of Prometheus. Write major and minor, like 2.42 or 3.5: slogen uses it to refuse "
            "what that Prometheus cannot load."
        ),
        "circular-part": (
            "SLOs depend on each other in a circle, so that none of them could promise anything. The message names the "
            "circle; drop the dependency that is not one."
        ),
        "duplicate-service": (
            "Two files are about one service. Their rules would be written to one file and their groups would have one "
            "name, so put all SLOs of a service into one file."
        ),
        "duplicate-slo": (
            "Two SLOs have the same id, which is service and name joined by a hyphen. Their series could not be told "
            "apart, so rename one of them."
        ),
        "empty-file": "The file holds nothing. Write SLOs into it (`slogen init` writes a first file), or remove it.",
        "empty-list": "The list has no entries, and one without any says nothing. Write at least one.",
        "empty-text": (
            "The key is there and its text is blank. Write the text, or leave the key out where it is optional."
        ),
        "excluded-key": (
            "Two keys are written that exclude each other, so it is not clear which of them is meant. Drop one of them."
        ),
        "foreign-file": (
            "The file has nothing of an SLO file, neither a service nor SLOs. Move it out of the folder, or list it "
            "under `exclude` in slogen.yaml; a pattern such as `slos/values/*` excludes many."
        ),
        "label-clash": (
            "A label is set twice: it is in `group_by` and under `labels`, which would make all groups one, or it "
            "would replace the owner or the description on `slo_info`. Drop or rename one of them."
        ),
        "latency-part": (
            "`depends_on` reckons with availability, the share of requests that succeed. How fast something answers is "
            "another promise, so a latency SLO is neither a part of others nor has parts: name the availability SLO."
        ),
        "many-documents": (
            "The file holds more than one YAML document. Write one document a file: one file is one service."
        ),
        "many-parts": (
            "The SLO depends on more parts than anybody could reason about. Give some of them an SLO of their own, and "
            "depend on that one."
        ),
        "merge-key": (
            "YAML merge keys (`<<`) are not read: they hide which value wins. Repeat the keys, or use a plain alias "
            "for a whole value."
        ),
        "min-events": (
            "`min_events` counts events, and the SLI kind `ratio` has only a ratio. Leave it out, or measure with the "
            "SLI kind `query`, which counts."
        ),
        "missing-key": "A key that must be there is not. Write it; the place is that of what should hold it.",
        "mixed-units": (
            "The count and the buckets of a latency SLI are of histograms in different units, so they count different "
            "requests. Select both parts of one histogram."
        ),
        "no-bucket": (
            "The histogram is known to have no bucket at the threshold, so the SLI would have no data. Choose one of "
            "the bounds that the message names, or list the histogram's real bounds as the preset's `buckets`."
        ),
        "no-window": (
            "The query does not say where its window goes, so it would measure the same over every window. Write "
            "`$window` where it reads a range, as in `rate(errors_total[$window])`."
        ),
        "not-a-vector": (
            "The query does not yield an instant vector, and nothing else can be recorded. Apply a function such as "
            "`rate` to a range, and `vector(...)` to a number."
        ),
        "other-grouping": (
            "The labels by which a query groups are not those of its counterpart, or lack one of `group_by`. "
            "Prometheus would divide series that do not match, or none at all, so group all of them alike."
        ),
        "other-returns": (
            "One query counts events per second and the other, or `returns`, says within the window; what is recorded "
            "would be wrong by the length of the window. Use `rate` in both, or `increase` in both and `returns: "
            "increase`."
        ),
        "preset-cannot": (
            "The preset cannot measure what its parameters ask for. In Cloud Monitoring an SLO is two filters out of "
            "good, bad and total, in which all comparisons hold together: what is bad must be something, and of a "
            "status that is a number two of the three must each be one range. Choose other parameters."
        ),
        "preset-kind": (
            "The preset does not measure this kind of SLI. Use it under the kind that the message names; `slogen "
            "presets` lists the kinds of each."
        ),
        "promql-too-large": (
            "The selector or query is longer, or more deeply nested, than slogen reads. Record a part of it as a "
            "series of its own and read that."
        ),
        "promql-too-new": (
            "The configured `prometheus_version` does not have this function, operator or notation yet, and would "
            "refuse the rule file. Write it without, or raise `prometheus_version` in slogen.yaml if all of yours are "
            "newer."
        ),
        "quoted-window": (
            "`$window` stands within quotes, where PromQL has text: it is kept as it is written, and no window is put "
            "there. To read a series that is recorded for each window, write its name like `errors:rate$window`."
        ),
        "repeated-key": (
            "A key is written twice in one mapping; most readers of YAML silently take the last. Drop one of them."
        ),
        "repeated-label": "A label is written twice under `group_by`. Drop one of them.",
        "repeated-part": (
            "One SLO stands twice among the parts. What the parts can promise is reckoned as if each failed "
            "independently of the others, which nothing does of itself: write it once, outside of what it is common to."
        ),
        "repeated-snooze": (
            "A check is snoozed twice, so it is not clear until when and why. Keep one of the entries."
        ),
        "reserved-label": (
            "The label is one that slogen or Prometheus sets, such as `slo_id` or `alertname`; it tells SLOs apart and "
            "cannot be yours. Choose another name."
        ),
        "same-as-total": (
            "The bad or good events are all events, so the SLO could only ever be fully bad or fully good. Write what "
            "tells them apart."
        ),
        "short-window": (
            "A window is shorter than one that must fit into it: the SLO window than the longest alert window, or an "
            "alert window than the base window of four scrapes. Lengthen it, or choose another policy."
        ),
        "sli-kind": (
            "An SLI is written as no kind, or as several. Write exactly one of `availability`, `latency`, `probe`, "
            "`query` and `ratio`."
        ),
        "slow-scrape": (
            "The metrics are scraped so seldom that the base window, at most 5m, holds too few samples: with less than "
            "two there is no rate, with less than four a lost one may leave a gap. Scrape more often."
        ),
        "strict-sla": (
            "The SLA, the contract, is as strict as the objective or stricter, so it would be broken before anybody is "
            "told. Loosen the SLA or tighten the objective."
        ),
        "too-deep": "Mappings and lists are nested more than 100 deep, which no SLO file needs. Write it flatter.",
        "too-large": (
            "The file is larger than slogen reads: 1 MiB, or 50,000 values with aliases counted as often as they are "
            "used. Split it by service."
        ),
        "unknown-check": (
            "There is no check of a running server with this code. Write one of those in docs/checks.md, or drop the "
            "snooze."
        ),
        "unknown-key": (
            "The key is not one that slogen knows in this place. It would have no effect, which is seldom what its "
            "author thinks: correct or remove it."
        ),
        "unknown-part": (
            "No SLO has the name that stands under `depends_on`, neither in the files that are compiled nor elsewhere "
            "below the root. Write service and SLO like `payment/availability`, or the SLO's id; what no SLO measures "
            "is written with a `name` and the `availability` that it promises."
        ),
        "unknown-policy": (
            "The policy is neither `workbook` nor one of those under `policies` in slogen.yaml. Correct its name, or "
            "write it there."
        ),
        "unknown-preset": "There is no preset of this name; `slogen presets` lists those that there are.",
        "unknown-target": "There is no target of this name. Write one of those that the message lists.",
        "unknown-template": (
            "The file in the folder of your own templates takes the place of none of slogen's. Name it as one of "
            "those in `templates/` of slogen, or move it away."
        ),
        "unknown-unit": (
            "The unit of the histogram's bounds does not follow from its name, or contradicts it. Write `unit: "
            "seconds` or `unit: milliseconds`, whichever the metric counts."
        ),
        "unreachable-severity": (
            "No tier of a severity can ever fire: at its burn rate more than all events would have to be bad. Raise "
            "the objective, choose another policy, or switch the severity off."
        ),
        "unreachable-tier": (
            "A tier of the policy can never fire, since at its burn rate more than all events would have to be bad. It "
            "is left out; the message says which are left."
        ),
        "weak-parts": (
            "The objective is above what the parts under `depends_on` can promise together, if they fail independently "
            "of each other and promise over the same window. Promise less, strengthen the part that the message names, "
            "or do without it."
        ),
        "wider-than-total": (
            "The selector of bad or good events lacks a matcher of the total's, so it may count events that the total "
            "does not. Write the same matchers on both, and more on the narrower one."
        ),
        "wrong-type": (
            "The value is a text, list or mapping where the key takes another of them. Write what is expected."
        ),
        "yaml-syntax": (
            "The file is not YAML, or uses a part of YAML that slogen does not read, such as tags. Nothing of it can "
            "be checked until that is corrected."
        ),
    }
)
"""Each code with its explanation; codes of targets (``<target>-cannot``) are not among them."""
