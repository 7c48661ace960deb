"""SLOs, each with what one check has to say of it over the history of `live.check_history`."""

import textwrap
from collections.abc import Mapping
from typing import Final, NamedTuple

FOUND, WARNED, UNSURE, PASSED = "found", "warned", "not checked", "passed"


class Case(NamedTuple):
    """
    What a check says of an SLO.

    Attributes:
        sli: as it is written in the SLO.
        said: a pattern of what is told; empty where nothing is.
        more: further keys of the SLO.
    """

    check: str
    outcome: str
    sli: str
    said: str = ""
    more: str = ""


def counters(total: str, bad: str) -> str:
    return f"availability: {{total: '{total}', bad: '{bad}'}}"


def good_of(total: str, good: str) -> str:
    return f"availability: {{total: '{total}', good: '{good}'}}"


def latency(histogram: str, threshold: str) -> str:
    return f"latency: {{histogram: '{histogram}', threshold: {threshold}}}"


SHOP: Final = 'shop_requests_total{job="shop"}'
BAD: Final = 'shop_requests_total{job="shop",code="500"}'
FINE: Final = counters(SHOP, BAD)


def of_total(total: str) -> str:
    """An SLO of a total of which every event of code 500 is bad."""
    return counters(total, total.replace("}", ',code="500"}'))


def of_old(job: str) -> str:
    """An SLO of a service that has been there for eight days."""
    return of_total(f'old_requests_total{{job="{job}"}}')


WIDE: Final = counters('wide_requests_total{job="shop"}', 'wide_requests_total{job="shop",code="503"}')
QUIET: Final = of_total('quiet_requests_total{job="shop"}')

CASES: Final[Mapping[str, Case]] = {
    # missing-series
    "all-there": Case("missing-series", PASSED, FINE),
    "window-in-a-name": Case("missing-series", PASSED, "ratio: {query: 'shop_error:ratio_rate$window'}"),
    "window-in-a-name-of-none": Case(
        *("missing-series", FOUND, "ratio: {query: 'shop_errors:ratio_rate$window'}"),
        "there is no metric 'shop_errors:ratio_rate2m', and was none within 7d",
    ),
    "query-with-a-value": Case(
        *("missing-series", PASSED),
        "ratio: {query: 'avg_over_time(shop_error_ratio[$window]) / on () group_left () shop_error:ratio_rate2m'}",
    ),
    "query-without-a-value": Case(
        *("missing-series", WARNED),
        "ratio: {query: 'avg_over_time(shop_error_ratio[$window]) and on (job) sum by (job) (shop_probe)'}",
        "the query finds series and has no value, neither now nor at any full hour of the last 1d; without one nothing",
    ),
    "total-without-a-value": Case(
        *("missing-series", WARNED),
        "query: {total: 'sum(rate(shop_requests_total[$window])) / on (job) sum by (job) (shop_probe)', "
        "bad: 'sum(rate(shop_requests_total{code=\"500\"}[$window]))'}",
        "the query finds series and has no value",
    ),
    "unknown-metric": Case(
        "missing-series",
        FOUND,
        of_total('shop_request_total{job="shop"}'),
        r"no metric 'shop_request_total', and was none within 7d; did you mean 'shop_requests_total'\?",
    ),
    "gone-metric": Case(
        "missing-series",
        FOUND,
        of_total('gone_requests_total{job="shop"}'),
        r'gone_requests_total\{job="shop"\} has no series now; the last was there until \d{4}-\d\d-\d\d \d\d:\d\d UTC',
    ),
    "unknown-label": Case(
        "missing-series",
        FOUND,
        counters(SHOP, 'shop_requests_total{job="shop",cod="500"}'),
        r"""shop_requests_total\{job="shop"\} has no label 'cod'; did you mean 'code'\?""",
    ),
    "unknown-value": Case(
        "missing-series",
        FOUND,
        of_total('shop_requests_total{job="shopp"}'),
        r"""no series of shop_requests_total has job="shopp"; did you mean 'shop'\?""",
    ),
    "elsewhere": Case(
        "missing-series",
        FOUND,
        good_of(SHOP, 'shop_requests_total{job="shop",code="201"}'),
        r"""no series of shop_requests_total\{job="shop"\} has code="201"; series with job 'payments' have it""",
    ),
    "no-errors-yet": Case(
        "missing-series",
        UNSURE,
        counters(SHOP, 'shop_requests_total{job="shop",code="503"}'),
        r'no series of shop_requests_total\{job="shop"\} has code="503".*right if there were no bad events yet',
    ),
    "errors-in-the-past": Case("missing-series", PASSED, counters(SHOP, 'shop_requests_total{job="shop",code="502"}')),
    "nothing-like-it": Case("missing-series", FOUND, of_total('shop_visits_total{job="shop"}'), "none within 7d$"),
    "histogram-elsewhere": Case(
        "missing-series",
        FOUND,
        latency('shop_duration_seconds{job="shop",path="/"}', "1s"),
        r"""^shop_duration_seconds_count\{job="shop"\} has no label 'path'; its labels are 'job'$""",
    ),
    "no-good-events": Case(
        "missing-series",
        FOUND,
        good_of(SHOP, 'shop_requests_total{job="shop",code="204"}'),
        "no series of shop_requests",
    ),
    # missing-bucket
    "bucket": Case("missing-bucket", PASSED, latency('shop_duration_seconds{job="shop"}', "500ms")),
    "whole-bucket": Case("missing-bucket", PASSED, latency('shop_duration_seconds{job="shop"}', "1s")),
    "no-bucket": Case(
        "missing-bucket",
        FOUND,
        latency('shop_duration_seconds{job="shop"}', "600ms"),
        r"has no bucket that ends at 0\.6; the nearest are 0\.5 and 1$",
    ),
    "no-histogram": Case(
        "missing-bucket",
        UNSURE,
        latency('shop_time_seconds{job="shop"}', "1s"),
        "no series of shop_time_seconds_bucket",
    ),
    # wrong-type
    "counter-by-metadata": Case(
        "wrong-type",
        PASSED,
        "query: {total: 'rate(prometheus_http_requests_total[$window])', "
        "bad: 'rate(prometheus_http_requests_total{code=~\"5..\"}[$window])'}",
    ),
    "counter": Case(
        "wrong-type",
        PASSED,
        counters(
            'prometheus_http_requests_total{job="prometheus"}',
            'prometheus_http_requests_total{job="prometheus",code="200"}',
        ),
    ),
    "gauge": Case(
        "wrong-type",
        FOUND,
        counters('go_goroutines{job="prometheus"}', 'go_goroutines{job="prometheus",code="500"}'),
        "'go_goroutines' is a gauge, and a counter is needed here",
    ),
    "histogram-parts": Case(
        "wrong-type", PASSED, latency('prometheus_http_request_duration_seconds{job="prometheus"}', "1s")
    ),
    "counter-for-probe": Case(
        "wrong-type",
        FOUND,
        "probe: {gauge: 'prometheus_http_requests_total{job=\"prometheus\"}'}",
        "is a counter; a probe is a gauge",
    ),
    "gauge-for-probe": Case("wrong-type", PASSED, "probe: {gauge: 'up{job=\"prometheus\"}'}"),
    "falls": Case(
        "wrong-type",
        FOUND,
        of_total('shop_in_flight{job="shop"}'),
        "'shop_in_flight' falls as often as no counter",
    ),
    "restarts": Case("wrong-type", PASSED, of_total('restarted_requests_total{job="shop"}')),
    "nameless": Case(
        "wrong-type", UNSURE, of_total('shop_requests{job="shop"}'), "its name does not tell that it is a counter"
    ),
    # outside-total
    "within": Case("outside-total", PASSED, FINE),
    "within-good": Case("outside-total", PASSED, good_of(SHOP, 'shop_requests_total{job="shop",code="200"}')),
    "more-bad": Case(
        "outside-total",
        FOUND,
        counters('shop_requests_total{job="shop",code="500"}', 'shop_requests_total{job="shop",code="200"}'),
        "up to 99 times as many bad events as events in all",
    ),
    "more-good": Case(
        "outside-total",
        FOUND,
        good_of('shop_requests_total{job="shop",code="500"}', 'shop_requests_total{job="shop",code="200"}'),
        "up to 99 times as many good events",
    ),
    "fast-within": Case("outside-total", PASSED, latency('shop_duration_seconds{job="shop"}', "500ms")),
    "fast-beyond": Case(
        "outside-total", FOUND, latency('twice_duration_seconds{job="shop"}', "500ms"), "2 times as many fast events"
    ),
    "ratio": Case("outside-total", PASSED, "ratio: {query: 'avg_over_time(shop_error_ratio[$window])'}"),
    "none-bad": Case("outside-total", PASSED, counters(SHOP, 'shop_requests_total{job="shop",code="503"}')),
    "idle": Case("outside-total", UNSURE, of_total('idle_total{job="shop"}'), "no events within the last 1d"),
    "percentage": Case(
        "outside-total",
        FOUND,
        "ratio: {query: '100 * avg_over_time(shop_error_ratio[$window])'}",
        "the error ratio was as high as 25 over an hour",
    ),
    "negative": Case(
        "outside-total",
        FOUND,
        "ratio: {query: '0 - avg_over_time(shop_error_ratio[$window])'}",
        "the error ratio was as low as -0.25 over an hour",
    ),
    "probe": Case("outside-total", PASSED, "probe: {gauge: 'shop_probe{job=\"shop\"}'}"),
    "no-probe": Case(
        "outside-total", FOUND, "probe: {gauge: 'shop_error_ratio'}", r"the gauge was 0\.25 within the last 1h"
    ),
    "nothing-to-compare": Case(
        "outside-total", UNSURE, of_total('shop_request_total{job="shop"}'), "no series of shop_request_total"
    ),
    # low-traffic
    "enough": Case("low-traffic", PASSED, FINE),
    "lone-error-pages": Case(
        "low-traffic",
        WARNED,
        QUIET,
        r"one error in 40(\.\d)? events of 1h burns at 2\dx: it pages; "
        r"with 'min_events: 70' under 'alerting' no single error does, and page-1h has too few events to hold$",
    ),
    "lone-error-holds-all": Case(
        "low-traffic",
        WARNED,
        of_total('sparse_total{job="shop"}'),
        r"^one error in [12](\.\d+)? events of 1h burns at \d{3}x: it pages; "
        r"it also holds page-6h, at [789]\d(\.\d)?x in 1\d(\.\d)? events; "
        r"ticket-1d, at 2\d(\.\d)?x in 4\d(\.\d)? events; ticket-3d, at [67]\.\d+x in 1[34]\d events; "
        "with 'min_events: 167' under 'alerting' no single error does, "
        "and page-1h, page-6h, ticket-1d and ticket-3d have too few events to hold$",
    ),
    "lone-error-tickets": Case(
        "low-traffic", PASSED, of_total('sparse_total{job="shop"}'), more="alerting: {page: false}"
    ),
    "calmed": Case(
        "low-traffic", PASSED, of_total('quiet_requests_total{job="shop"}'), more="alerting: {min_events: 70}"
    ),
    "mute": Case(
        "low-traffic",
        WARNED,
        QUIET,
        r"fewer than the min_events of 500 happen in .* of page-1h \(40 events\) and page-6h \(240 events\)",
        more="alerting: {min_events: 500}",
    ),
    "newcomer": Case("low-traffic", UNSURE, of_total('young_total{job="shop"}'), "its series are younger than 1h"),
    "idle-traffic": Case("low-traffic", UNSURE, of_total('idle_total{job="shop"}'), "no events to count within"),
    "new-group": Case("low-traffic", PASSED, of_total('pods_total{job="shop"}'), more="group_by: [pod]"),
    "quiet-group": Case(
        "low-traffic",
        WARNED,
        of_total('pods_total{job="store"}'),
        "burns at .* in the quietest group: it pages",
        more="group_by: [pod]",
    ),
    "no-events": Case(
        "low-traffic", UNSURE, "ratio: {query: 'avg_over_time(shop_error_ratio[$window])'}", "does not tell how many"
    ),
    # rare-scrapes
    "as-named": Case("rare-scrapes", PASSED, FINE),
    "each-minute": Case(
        "rare-scrapes", WARNED, of_total('minutely_total{job="shop"}'), "is scraped every 1m, not every 30s"
    ),
    "each-minute-as-named": Case(
        "rare-scrapes", PASSED, of_total('minutely_total{job="shop"}'), more="scrape_interval: 1m"
    ),
    "each-two-minutes": Case(
        "rare-scrapes",
        FOUND,
        of_total('rare_total{job="shop"}'),
        "is scraped every 2m, and its rates are over 2m, which has to hold two scrapes; write 'scrape_interval: 2m'",
    ),
    "more-often": Case("rare-scrapes", PASSED, FINE, more="scrape_interval: 1m"),
    "too-young": Case(
        "rare-scrapes", UNSURE, of_total('young_total{job="shop"}'), "no series of .* has been there for 20m"
    ),
    # spent-budget
    "budget-left": Case("spent-budget", PASSED, of_old("half"), more="window: 7d"),
    "budget-spent": Case(
        "spent-budget",
        WARNED,
        of_old("spent"),
        r"^2[89]\d(\.\d)? % of the budget of 7d is spent: 0\.2[89]\d* % of the events were bad, and 0\.1 % may be$",
        more="window: 7d",
    ),
    "budget-spent-before": Case("spent-budget", PASSED, of_old("spent"), more="window: 3d"),
    "burning": Case(
        "spent-budget",
        WARNED,
        of_old("burning"),
        r"^the budget burns at [12]\d(\.\d)?x over 1h, above the 14\.4x of page-1h, and so it does over 5m$",
        more="window: 7d",
    ),
    "burnt": Case("spent-budget", PASSED, of_old("burnt"), more="window: 7d"),
    "burning-few": Case("spent-budget", PASSED, of_old("burning"), more="window: 7d\nalerting: {min_events: 10000000}"),
    "burning-many": Case(
        "spent-budget", WARNED, of_old("burning"), "burns at", more="window: 7d\nalerting: {min_events: 1000000}"
    ),
    "burning-young": Case("spent-budget", PASSED, of_old("fresh")),
    "burning-young-unweighed": Case(
        *("spent-budget", WARNED, of_old("fresh"), r"^the budget burns at 20x over 1h, above the 14\.4x of page-1h"),
        more="alerting: {weigh_coverage: false}",
    ),
    "burning-young-and-fast": Case(
        "spent-budget", WARNED, of_total('young_total{job="shop"}'), r"^the budget burns at (9\d(\.\d)?|1\d\d)x over 1h"
    ),
    "spent-group": Case(
        "spent-budget",
        WARNED,
        of_total('old_requests_total{job=~"spent|half"}'),
        r'^2[89]\d(\.\d)? % of the budget of 7d is spent in job="spent": ',
        more="window: 7d\ngroup_by: [job]",
    ),
    "spent-for-its-age": Case("spent-budget", PASSED, of_old("young")),
    "unread": Case(
        "spent-budget",
        UNSURE,
        WIDE,
        r"some 20,7\d\d,\d\d\d samples within 30d, and more than 20,000,000 are not read; its rules record no slo:",
        more="scrape_interval: 5s",
    ),
    "recorded": Case(
        "spent-budget",
        WARNED,
        WIDE,
        r"^5[34]\d(\.\d)? % of the budget of 30d is spent: 2 % of the events were bad",
        more="scrape_interval: 5s",
    ),
    "recorded-group": Case(
        "spent-budget",
        WARNED,
        WIDE,
        r'^5[34]\d(\.\d)? % of the budget of 30d is spent in pod="7": 2 % of the events were bad',
        more="scrape_interval: 5s\ngroup_by: [pod]",
    ),
    "budget-of-nothing": Case("spent-budget", UNSURE, of_old("nowhere"), "no series of old_requests_total"),
    "budget-of-a-ratio": Case(
        "spent-budget", WARNED, "ratio: {query: 'avg_over_time(shop_error_ratio[$window])'}", "burns at 250x over 1h"
    ),
    # unfit-objective
    "fit": Case("unfit-objective", PASSED, of_old("half"), more="window: 7d"),
    "missed-once": Case("unfit-objective", PASSED, of_old("spent"), more="window: 7d"),
    "out-of-reach": Case(
        "unfit-objective",
        WARNED,
        of_old("bad"),
        r"^(3|2\.999) % of the events of the last 7d were bad, 30 times what the objective of 99\.9 leaves; "
        "95 would have been kept$",
        more="window: 7d",
    ),
    "group-out-of-reach": Case(
        "unfit-objective",
        WARNED,
        of_total('old_requests_total{job=~"bad|half"}'),
        r'were bad in job="bad", 30 times what',
        more="window: 7d\ngroup_by: [job]",
    ),
    "never-used": Case(
        "unfit-objective",
        WARNED,
        of_old("perfect"),
        r"^of the budget no more than 0 % was used within the last 7d: a stricter objective",
        more="window: 7d",
    ),
    "used-by-one-group": Case(
        "unfit-objective",
        PASSED,
        of_total('old_requests_total{job=~"perfect|half"}'),
        more="window: 7d\ngroup_by: [job]",
    ),
    "never-enough": Case(
        "unfit-objective",
        UNSURE,
        of_old("rare"),
        r"1 % of the budget is less than one event of the 4,0\d\d in 7d",
        more="window: 7d",
    ),
    "unfit-or-young": Case("unfit-objective", UNSURE, FINE, "its series are younger than 7d"),
    # missing-samples
    "no-gap": Case("missing-samples", PASSED, FINE),
    "gap": Case(
        "missing-samples",
        WARNED,
        of_total('gap_total{job="long"}'),
        r'gap_total\{job="long"\} had no samples for longer than the base window, 2m; '
        r"it was without for 5[6-9]m in all within the last 1d, until \d{4}-\d\d-\d\d \d\d:\d\d UTC: ",
    ),
    "lost-scrapes": Case("missing-samples", PASSED, of_total('gap_total{job="short"}')),
    "no-number": Case(
        "missing-samples",
        FOUND,
        of_total('nan_total{job="nan"}'),
        r'^nan_total\{code="500",job="nan"\} has a sample within the last 1d that is NaN or infinite; ',
    ),
    "infinite": Case("missing-samples", FOUND, of_total('nan_total{job="inf"}'), "is NaN or infinite"),
    "numbers": Case("missing-samples", PASSED, of_total('nan_total{job="fine"}')),
    "no-number-in-a-query": Case(
        "missing-samples",
        PASSED,
        "query: {total: 'sum(rate(nan_total[$window]))', bad: 'sum(rate(nan_total{code=\"500\"}[$window]))'}",
    ),
    "scraped-too-seldom-for-gaps": Case(
        "missing-samples", UNSURE, of_old("half"), r"is scraped every (2m|3m|1\d\ds), too seldom to tell gaps"
    ),
    "newborn": Case("missing-samples", UNSURE, of_total('newborn_total{job="shop"}'), "its series are younger than 4m"),
    # short-retention
    "kept": Case("short-retention", PASSED, FINE, more="window: 7d"),
    "forgotten": Case(
        "short-retention",
        WARNED,
        FINE,
        r"the server keeps samples for 15d, and the SLO window is 30d, so the budget is told from the last 15d alone",
    ),
    # costly-reads
    "cheap": Case("costly-reads", PASSED, FINE),
    "costly": Case(
        "costly-reads",
        WARNED,
        of_total('many_total{job="shop"}'),
        "^its base records read 10,002 series each 30s, more than 10,000; record their sum by fewer labels and read",
    ),
    "cheap-raw": Case("costly-reads", PASSED, FINE, more="strategy: raw"),
    "costly-raw": Case(
        "costly-reads",
        WARNED,
        of_total('many_total{job="shop"}'),
        r"its rules look at [\d,]+ samples of what it reads a second, more than 1,000,000; 'strategy: hierarch",
        more="strategy: raw",
    ),
    # many-groups
    "few-groups": Case("many-groups", PASSED, of_total('crowd_total{pod!="0"}'), more="group_by: [pod]"),
    "many-groups": Case(
        "many-groups",
        WARNED,
        of_total('crowd_total{job="shop"}'),
        r"^'group_by' makes 101 groups, more than 100: so many alerts can page at once; ",
        more="group_by: [pod]",
    ),
    "no-groups": Case("many-groups", PASSED, of_total('crowd_total{job="shop"}')),
}


def text() -> str:
    """The file of all cases."""
    lines = ["apiVersion: slogen/v1", "service: case", "slos:"]
    for name, case in CASES.items():
        lines += [f"  - name: {name}", "    objective: 99.9", f"    sli: {{{case.sli}}}"]
        lines += textwrap.indent(case.more, "    ").splitlines()
    return "\n".join(lines) + "\n"
