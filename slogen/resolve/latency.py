"""A latency as it is written to what it measures: histograms in their parts, units, thresholds as bounds."""

from functools import partial
from typing import Final

from slogen.model import Latency, NativeLatency, PlatformLatency, Sli
from slogen.presets._preset import Distribution, Histogram
from slogen.promql import Matcher, Selector
from slogen.resolve.reader import Reader
from slogen.resolve.threshold import at_bound, cut
from slogen.spec import LatencySpec
from slogen.units import SECONDS_PER

_BUCKET, _COUNT = "_bucket", "_count"
_NO_MATCHERS: Final = "a metric of Google Cloud is narrowed by the parameters of its preset; drop 'matchers'"


class LatencyReader(Reader):
    """Reads a latency SLI."""

    __slots__ = ()

    def latency(self, spec: LatencySpec) -> Sli | None:
        """What *spec* measures; None when a mistake that hides it was told."""
        if self.lacks("threshold"):
            self.error("threshold", "missing-key", "key 'threshold' is missing")
        if not self.lacks("preset"):
            return self.latency_of_preset(spec, spec.preset)
        self.parameters_without_preset(spec.with_)
        matchers = self.matchers(spec.matchers)
        if spec.native:
            return self.native(spec, matchers)
        found = self.histogram(spec)
        if found is None or matchers is None:
            return None
        return self.at_threshold(found, matchers, spec, preset=False)

    def latency_of_preset(self, spec: LatencySpec, name: str | None) -> Sli | None:
        """What the preset *name* measures."""
        own = {
            "histogram": spec.histogram,
            "count": spec.count,
            "bucket": spec.bucket,
        }
        self.exclusive(
            "preset", {**own, "unit": spec.unit, "native": spec.native or None}, "the preset says what is measured"
        )
        self.selectors({key: own[key] for key in ("histogram", "count", "bucket")})
        preset, params = self.preset(name, spec.with_)
        matchers = self.matchers(spec.matchers)
        if preset is None:
            return None
        if preset.latency is None:
            self.error(
                "preset",
                "preset-kind",
                f"preset {name!r} has no histogram, so it measures no latency; use it under 'availability'",
            )
            return None
        if params is None:
            return None
        measured = preset.latency(params)
        if isinstance(measured, Distribution):
            sli: Sli | None = self.at_cut(measured, matchers or (), spec)
        else:
            sli = self.at_threshold(measured, matchers or (), spec, preset=True)
        return None if matchers is None else sli

    def at_threshold(
        self, histogram: Histogram, matchers: tuple[Matcher, ...], spec: LatencySpec, *, preset: bool
    ) -> Latency | None:
        """A *histogram*, cut where the threshold is; None where that is not known."""
        if spec.threshold is None:
            return None
        bound = at_bound(spec.threshold, histogram, (*self.path, "threshold"), self.scope, preset=preset)
        return Latency(histogram.counts.where(*matchers), histogram.bucket.where(*matchers), spec.threshold, bound)

    def at_cut(
        self, distribution: Distribution, matchers: tuple[Matcher, ...], spec: LatencySpec
    ) -> PlatformLatency | None:
        """A *distribution* of Google Cloud, cut where the threshold is; None where that is not known."""
        if matchers:
            self.error("matchers", "excluded-key", _NO_MATCHERS)
        return None if spec.threshold is None else cut(distribution, spec.threshold)

    def histogram(self, spec: LatencySpec) -> Histogram | None:
        """The histogram whose base name or parts are written."""
        if spec.histogram is not None:
            self.exclusive(
                "histogram", {"count": spec.count, "bucket": spec.bucket}, "write the histogram, or both of its parts"
            )
            self.selectors({"count": spec.count, "bucket": spec.bucket})
            base = self.named("histogram", spec.histogram)
            unit = self.unit(spec, base.metric, "histogram") if base else None
            if base is None or unit is None:
                return None
            part = partial(Selector, matchers=base.matchers)
            return Histogram(part(base.metric + _COUNT), part(base.metric + _BUCKET), unit)
        return self.parts(spec)

    def parts(self, spec: LatencySpec) -> Histogram | None:
        """A histogram whose count and buckets are selected apart."""
        if not self.lacks("histogram"):
            return None
        for key in [key for key in ("count", "bucket") if self.lacks(key)][:1]:
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
        """A native histogram, those of its observations that meet *matchers*."""
        self.exclusive("native", {"count": spec.count, "bucket": spec.bucket}, "a native histogram is one series")
        self.selectors({"count": spec.count, "bucket": spec.bucket})
        if self.lacks("histogram"):
            self.error("histogram", "missing-key", "key 'histogram' is missing")
        if spec.histogram is None:
            return None
        base = self.named("histogram", spec.histogram)
        unit = self.unit(spec, base.metric, "histogram") if base else None
        if base is None or unit is None or matchers is None or spec.threshold is None:
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
                selector = selector._replace(metric=base)
        if any(matcher.label == "le" for matcher in selector.matchers):
            self.error(key, "bad-selector", "the bucket is chosen by 'threshold'; leave the matcher on 'le' out")
        return selector

    def unit(self, spec: LatencySpec, name: str, key: str) -> str | None:
        """The metric's unit: as written, else the one that its name ends in; milliseconds end in seconds, too."""
        ending = _ending(name)
        if self.lacks("unit") and ending is None:
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
