"""An SLI as it is written to what it measures: selectors read, queries checked, presets expanded."""

from functools import partial
from typing import Final

from slogen.model import (
    BadOfTotal,
    Counter,
    ErrorRatio,
    Events,
    GoodOfTotal,
    Latency,
    NativeLatency,
    PlatformLatency,
    Probe,
    Query,
    Returns,
    Sli,
)
from slogen.presets._preset import Distribution, Histogram, Refusal
from slogen.promql import Matcher, Selector, Written
from slogen.promql.reading import Query as PromqlQuery
from slogen.resolve_reader import Reader
from slogen.resolve_threshold import at_bound, cut
from slogen.scope import Scope
from slogen.source import Path
from slogen.spec import AvailabilitySpec, LatencySpec, QuerySpec, SliSpec
from slogen.units import SECONDS_PER

KINDS: Final = ("availability", "latency", "probe", "query", "ratio")
_BUCKET, _COUNT = "_bucket", "_count"
_YIELDS: Final = {"rate": "events per second (rate)", "increase": "events within the window (increase)"}
_NO_MATCHERS: Final = "a metric of Google Cloud is narrowed by the parameters of its preset; drop 'matchers'"


def resolve_sli(spec: SliSpec, group_by: tuple[str, ...], path: Path, scope: Scope) -> Sli | None:
    """What *spec*, written at *path*, measures; None when *scope* was told of a mistake that hides it."""
    kinds = [kind for kind in KINDS if getattr(spec, kind) is not None]
    if len(kinds) != 1:
        written = f"found {' and '.join(kinds)}" if kinds else "found none"
        scope.error(path, "sli-kind", f"an SLI is exactly one of {', '.join(KINDS)}; {written}")
        return None
    reader = _SliReader(group_by, (*path, kinds[0]), scope)
    match spec:
        case SliSpec(availability=AvailabilitySpec() as availability):
            return reader.availability(availability)
        case SliSpec(latency=LatencySpec() as latency):
            return reader.latency(latency)
        case SliSpec(query=QuerySpec() as query):
            return reader.query(query)
    if spec.probe:
        gauge = reader.selector("gauge", spec.probe.gauge)
        return Probe(gauge) if gauge else None
    return reader.ratio(spec.ratio.query) if spec.ratio else None


class _SliReader(Reader):
    """Reads an SLI of each kind."""

    __slots__ = ()

    def counted(self, total: object, bad: object, good: object) -> bool:
        """Whether there are a total and one of bad and good; what is missing or too much is told."""
        if total is None:
            self.error(
                "total",
                "missing-key",
                "key 'total' is missing; or name a 'preset'"
                if "availability" in self.path
                else "key 'total' is missing",
            )
        if bad is None and good is None:
            self.error("bad", "missing-key", "key 'bad' or 'good' is missing")
        elif bad is not None and good is not None:
            self.scope.key_error(
                (*self.path, "good"),
                "excluded-key",
                "key 'good' cannot stand beside 'bad'; total - bad is good already",
            )
            return False
        return total is not None and (bad is not None or good is not None)

    def availability(self, spec: AvailabilitySpec) -> Sli | None:
        if spec.preset is not None:
            return self.availability_of_preset(spec, spec.preset)
        self.parameters_without_preset(spec.with_)
        if not self.counted(spec.total, spec.bad, spec.good):
            return None
        key = "bad" if spec.bad is not None else "good"
        total, part = self.selector("total", spec.total or ""), self.selector(key, spec.bad or spec.good or "")
        if total is None or part is None:
            return None
        self.warn_of_wider(key, part, total)
        counted, of = Counter(part), Counter(total)
        return BadOfTotal(of, counted) if key == "bad" else GoodOfTotal(of, counted)

    def availability_of_preset(self, spec: AvailabilitySpec, name: str) -> Sli | None:
        own = {"total": spec.total, "bad": spec.bad, "good": spec.good}
        self.exclusive("preset", own, "the preset says what is counted")
        preset, params = self.preset(name, spec.with_)
        if preset is None or params is None:
            return None
        if preset.availability is None:
            self.error("preset", "preset-kind", f"preset {name!r} measures no availability; use it under 'latency'")
            return None
        measured = preset.availability(params)
        if isinstance(measured, Refusal):
            self.error("with", "preset-cannot", measured.message)
            return None
        return measured

    def warn_of_wider(self, key: str, part: Selector, total: Selector, *, of: str = "total") -> None:
        """A part that the total's matchers do not hold counts events that the total does not."""
        constrained = {matcher.label for matcher in part.matchers}
        exact = {matcher.label: matcher for matcher in part.matchers if matcher.op == "="}
        for matcher in total.matchers:
            other = exact.get(matcher.label, matcher)
            if matcher.label not in constrained:
                message = f"{key!r} lacks the {of}'s matcher {matcher}, so it may count events that are not in the {of}"
                self.scope.warning((*self.path, key), "wider-than-total", message)
            elif matcher.op == "=" and other.value != matcher.value:
                message = f"{key!r} has {other} where the {of} has {matcher}, so none of its events are in the {of}"
                self.scope.warning((*self.path, key), "wider-than-total", message)

    def query(self, spec: QuerySpec) -> Sli | None:
        if not self.counted(spec.total, spec.bad, spec.good):
            return None
        key = "bad" if spec.bad is not None else "good"
        total, part = self.read_query("total", spec.total), self.read_query(key, spec.bad or spec.good or "")
        if total is None or part is None:
            return None
        grouped, of_total = self.grouping(part), self.grouping(total)
        if grouped is not None and of_total is not None and set(grouped) != set(of_total):
            alike = f"({', '.join(grouped)}) and 'total' by ({', '.join(of_total)}); group both alike"
            self.error(key, "other-grouping", f"{key!r} is grouped by {alike}")
        self.check_measures(total, key, part, spec.returns)
        of: Events = Query(Written(total.text), spec.returns)
        counted: Events = Query(Written(part.text), spec.returns)
        return BadOfTotal(of, counted) if key == "bad" else GoodOfTotal(of, counted)

    def check_measures(self, total: PromqlQuery, key: str, part: PromqlQuery, returns: Returns) -> None:
        """Tell what counts per second where its counterpart, or 'returns', says within the window, or the reverse."""
        if total.measure and part.measure and total.measure != part.measure:
            message = f"{key!r} yields {_YIELDS[part.measure]} and 'total' {_YIELDS[total.measure]}; write both alike"
            self.error(key, "other-returns", message)
            return
        found, read = (total.measure, "total") if total.measure else (part.measure, key)
        if found and found != returns.value:
            message = f"{read!r} yields {_YIELDS[found]}, and 'returns' is {returns.value}; write 'returns: {found}'"
            self.error(read, "other-returns", message)

    def ratio(self, text: str) -> Sli | None:
        query = self.read_query("query", text)
        if query is None:
            return None
        grouping = self.grouping(query)
        if grouping is not None and set(grouping) != set(self.group_by):
            message = f"the query is grouped by ({', '.join(grouping)}); write the same labels under 'group_by'"
            self.error("query", "other-grouping", message)
        return ErrorRatio(Written(query.text))

    def latency(self, spec: LatencySpec) -> Sli | None:
        if spec.preset is not None:
            return self.latency_of_preset(spec, spec.preset)
        self.parameters_without_preset(spec.with_)
        matchers = self.matchers(spec.matchers)
        if spec.native:
            return self.native(spec, matchers)
        found = self.histogram(spec)
        if found is None or matchers is None:
            return None
        return self.at_threshold(found, matchers, spec)

    def latency_of_preset(self, spec: LatencySpec, name: str) -> Sli | None:
        own = {
            "histogram": spec.histogram,
            "count": spec.count,
            "bucket": spec.bucket,
            "unit": spec.unit,
            "native": spec.native,
        }
        self.exclusive("preset", own, "the preset says what is measured")
        preset, params = self.preset(name, spec.with_)
        matchers = self.matchers(spec.matchers)
        if preset is None or params is None or matchers is None:
            return None
        if preset.latency is None:
            self.error(
                "preset",
                "preset-kind",
                f"preset {name!r} has no histogram, so it measures no latency; use it under 'availability'",
            )
            return None
        measured = preset.latency(params)
        if isinstance(measured, Distribution):
            return self.at_cut(measured, matchers, spec)
        return self.at_threshold(measured, matchers, spec)

    def at_threshold(self, histogram: Histogram, matchers: tuple[Matcher, ...], spec: LatencySpec) -> Latency:
        bound = at_bound(histogram.unit, histogram.buckets, spec, (*self.path, "threshold"), self.scope)
        return Latency(histogram.counts.where(*matchers), histogram.bucket.where(*matchers), spec.threshold, bound)

    def at_cut(self, distribution: Distribution, matchers: tuple[Matcher, ...], spec: LatencySpec) -> PlatformLatency:
        if matchers:
            self.error("matchers", "excluded-key", _NO_MATCHERS)
        return cut(distribution, spec.threshold)

    def histogram(self, spec: LatencySpec) -> Histogram | None:
        if spec.histogram is not None:
            self.exclusive(
                "histogram", {"count": spec.count, "bucket": spec.bucket}, "write the histogram, or both of its parts"
            )
            base = self.named("histogram", spec.histogram)
            unit = self.unit(spec, base.metric, "histogram") if base else None
            if base is None or unit is None:
                return None
            part = partial(Selector, matchers=base.matchers)
            return Histogram(part(base.metric + _COUNT), part(base.metric + _BUCKET), unit)
        return self.parts(spec)

    def parts(self, spec: LatencySpec) -> Histogram | None:
        """A histogram whose count and buckets are selected apart."""
        for key in [key for key in ("count", "bucket") if getattr(spec, key) is None][:1]:
            message = f"key {key!r} is missing; write 'histogram', or both 'count' and 'bucket', or a 'preset'"
            self.error(key, "missing-key", message)
        count = self.named("count", spec.count) if spec.count is not None else None
        bucket = self.named("bucket", spec.bucket) if spec.bucket is not None else None
        unit = self.unit(spec, bucket.metric.removesuffix(_BUCKET), "bucket") if bucket else None
        if count is None or bucket is None:
            return None
        of_count, of_bucket = _ending(count.metric.removesuffix(_COUNT)), _ending(bucket.metric.removesuffix(_BUCKET))
        if of_count and of_bucket and of_count != of_bucket:
            message = f"{count.metric!r} is of a histogram in {of_count}, {bucket.metric!r} of one in {of_bucket}"
            self.error("count", "mixed-units", f"{message}; select both parts of one")
        self.warn_of_wider("bucket", bucket, count, of="count")
        return Histogram(count, bucket, unit) if unit else None

    def native(self, spec: LatencySpec, matchers: tuple[Matcher, ...] | None) -> Sli | None:
        self.exclusive("native", {"count": spec.count, "bucket": spec.bucket}, "a native histogram is one series")
        if spec.histogram is None:
            self.error("histogram", "missing-key", "key 'histogram' is missing")
            return None
        base = self.named("histogram", spec.histogram)
        unit = self.unit(spec, base.metric, "histogram") if base else None
        if base is None or unit is None or matchers is None:
            return None
        return NativeLatency(base.where(*matchers), spec.threshold, spec.threshold / SECONDS_PER[unit])

    def named(self, key: str, text: str) -> Selector | None:
        """A selector of a histogram's series: it names its metric, and leaves the bucket to the threshold."""
        selector = self.selector(key, text)
        if selector is None:
            return None
        if not selector.metric:
            self.error(key, "bad-selector", "a histogram is selected by its name; write it before the braces")
            return None
        for suffix in (_BUCKET, _COUNT, "_sum"):
            if key == "histogram" and selector.metric.endswith(suffix):
                base = selector.metric.removesuffix(suffix)
                self.error(
                    key, "bad-selector", f"{selector.metric!r} is a part of a histogram; write its base name, {base!r}"
                )
                return None
        if any(matcher.label == "le" for matcher in selector.matchers):
            self.error(key, "bad-selector", "the bucket is chosen by 'threshold'; leave the matcher on 'le' out")
            return None
        return selector

    def unit(self, spec: LatencySpec, name: str, key: str) -> str | None:
        """The metric's unit: as written, else the one that its name ends in; milliseconds end in seconds, too."""
        ending = _ending(name)
        if spec.unit is None and ending is None:
            self.error(
                key,
                "unknown-unit",
                f"the name {name!r} does not end in a unit; write 'unit: seconds' or 'unit: milliseconds'",
            )
        elif spec.unit and ending and spec.unit != ending:
            self.error("unit", "unknown-unit", f"unit {spec.unit!r} contradicts the name {name!r}")
        return spec.unit or ending


def _ending(name: str) -> str | None:
    """The unit that the *name* of a histogram ends in."""
    return max((unit for unit in SECONDS_PER if name.endswith(unit)), key=len, default=None)
