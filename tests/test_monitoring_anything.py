"""Whatever an SLO says that is right, Cloud Monitoring is sent what its own types take, or it is refused in words."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import slogen
from cloud_documents import kind_of, parse, read
from slo_strategies import ORGANISATION, latency, of_preset, slos, texts, written
from slogen.backends._backend import Artifact
from slogen.diagnostics import Level

REFUSED = {"cloud-monitoring-cannot"}


def _classic(spec: dict[str, Any]) -> dict[str, Any]:
    return {"latency": {key: value for key, value in spec.items() if key not in ("native", "matchers")}}


def compiled(text: str) -> tuple[tuple[Artifact, ...], set[str]]:
    """The documents of a file, or the codes of the errors in it."""
    try:
        artifacts = slogen.compile(
            {"slos/shop.yaml": text},
            organisation=("slogen.yaml", ORGANISATION),
            targets=["cloud-monitoring"],
            project="shop-prod",
        ).artifacts
    except slogen.CompileError as error:
        return (), {one.code for one in error.diagnostics if one.level is Level.ERROR}
    return artifacts, set()


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(spec=slos("a"), whole=st.booleans(), sli=st.one_of(of_preset(), latency().map(_classic)), owner=texts)
def test_any_right_slo_is_written_as_google_s_types_take_it_or_refused(
    spec: dict[str, Any], *, whole: bool, sli: dict[str, Any], owner: str
) -> None:
    """Half are of a kind that there is, so that not nearly all are refused."""
    if not whole:
        spec |= {"group_by": [], "objective": "99.9", "window": "28d", "sli": sli}
        spec.pop("depends_on", None)
    service = {"apiVersion": "slogen/v1", "service": "shop", "owner": owner, "slos": [spec]}
    artifacts, refused = compiled(written(service))

    assert refused <= REFUSED
    names = [artifact.path.rpartition("/")[2] for artifact in artifacts]
    assert names[:2] == ([] if refused else ["service.json", "a.slo.json"])
    for artifact in artifacts:
        read(artifact.text)
        parse(kind_of(artifact.path), artifact.text)
