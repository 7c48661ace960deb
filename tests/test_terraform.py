"""What Terraform would make of its configuration is what the Cloud Monitoring API is sent otherwise."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cloud_documents
import slogen
from slogen.documents import Kind, judge, problems

ROOT = Path(__file__).parent.parent
PROJECT = "shop-prod"
ORGANISATION = ("slogen.yaml", f"cloud_monitoring: {{project: {PROJECT}, notification_channels: {{page: ['123']}}}}")
EXAMPLES = sorted((ROOT / "slos/cloud").glob("*.yaml"))

FILE = """
apiVersion: slogen/v1
service: {service}
slos:
  - name: {slo}
    objective: 99.9
    description: {description}
    sli: {{availability: {{preset: gcp-cloud-run, with: {{service_name: shop, labels: {{route: {route}}}}}}}}}
"""

IDENTIFIER = re.compile(r"[a-zA-Z_][a-zA-Z0-9_-]*")
REFERENCE = re.compile(r"(\$\$\{|%%\{)|\$\{([^}]*)\}")


def written(text: str, *, name: str = "slos/shop.yaml", project: bool = True) -> tuple[dict[str, Any], dict[str, Any]]:
    """The configuration for Terraform, and the documents for the API by their file names."""
    compilation = slogen.compile(
        {name: text}, organisation=ORGANISATION if project else None, targets=["terraform", "cloud-monitoring"]
    )
    documents = {artifact.path: cloud_documents.read(artifact.text) for artifact in compilation.artifacts}
    (configuration,) = (one for path, one in documents.items() if path.startswith("terraform/"))
    return configuration, {path: one for path, one in documents.items() if path.startswith("cloud-monitoring/")}


class Applied:
    """A configuration as Terraform reads it: templates filled in, references followed."""

    def __init__(self, configuration: dict[str, Any]) -> None:
        self._variables = configuration["variable"]
        self._resources = configuration["resource"]

    def resources(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = [self._filled(one) for one in self._resources.get(kind, {}).values()]
        return found

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._filled(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._filled(one) for one in value]
        return REFERENCE.sub(self._one, value) if isinstance(value, str) else value

    def _one(self, match: re.Match[str]) -> str:
        if match[1]:
            return match[1][1:]
        first, *rest = match[2].split(".")
        if first == "var":
            return str(self._variables[rest[0]]["default"])
        resource, attribute = self._resources[first][rest[0]], rest[1]
        if attribute == "name":
            service, slo = self._filled(resource["service"]), resource["slo_id"]
            return f"projects/{self._filled(resource['project'])}/services/{service}/serviceLevelObjectives/{slo}"
        return str(self._filled(resource[attribute]))


def camel(value: Any) -> Any:
    """Arguments by the names of the API; those that say what the API has in its address are gone."""
    if isinstance(value, dict):
        return {
            re.sub(r"_([a-z])", lambda match: match[1].upper(), key): one if key == "user_labels" else camel(one)
            for key, one in value.items()
            if key not in ("project", "service", "service_id", "slo_id")
        }
    return [camel(one) for one in value] if isinstance(value, list) else value


def as_sent(configuration: dict[str, Any]) -> dict[Kind, list[dict[str, Any]]]:
    """The documents that the provider makes of a configuration."""
    applied = Applied(configuration)
    services = [{**camel(one), "custom": {}} for one in applied.resources("google_monitoring_custom_service")]
    slos = [camel(one) for one in applied.resources("google_monitoring_slo")]
    for slo in slos:
        slo["rollingPeriod"] = f"{slo.pop('rollingPeriodDays') * 86_400}s"
        slo["serviceLevelIndicator"] = {"requestBased": slo.pop("requestBasedSli")}
    policies = [camel(one) for one in applied.resources("google_monitoring_alert_policy")]
    return {Kind.SERVICE: services, Kind.SLO: slos, Kind.ALERT_POLICY: policies}


def by_kind(documents: dict[str, Any]) -> dict[Kind, list[dict[str, Any]]]:
    return {
        kind: [one for path, one in documents.items() if cloud_documents.kind_of(path) is kind]
        for kind in (Kind.SERVICE, Kind.SLO, Kind.ALERT_POLICY)
    }


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_terraform_makes_what_the_api_is_sent(example: Path) -> None:
    configuration, documents = written(example.read_text("utf-8"), name=f"slos/cloud/{example.name}")

    assert as_sent(configuration) == by_kind(documents)


@given(text=st.text(st.sampled_from('$%{}a"\\\n.é')), route=st.text(st.sampled_from('$%{}a"\\'), min_size=1))
def test_text_that_terraform_would_take_for_a_template_comes_out_as_it_was_written(text: str, route: str) -> None:
    file = FILE.format(
        service="shop", slo="up", description=json.dumps(text, ensure_ascii=False), route=json.dumps(route)
    )
    configuration, documents = written(file)

    assert as_sent(configuration) == by_kind(documents)


def test_a_template_is_escaped_and_a_lone_dollar_is_not() -> None:
    text = "costs $5, 100% of ${PRICE}, %{ if x } and $${y}"
    configuration, _ = written(FILE.format(service="shop", slo="up", description="x", route=json.dumps(text)))

    ratio = configuration["resource"]["google_monitoring_slo"]["shop_up"]["request_based_sli"]["good_total_ratio"]
    assert "costs $5, 100% of $${PRICE}, %%{ if x } and $$${y}" in ratio["total_service_filter"]


def test_policies_come_after_the_slo_that_they_watch_as_they_refer_to_it() -> None:
    configuration, _ = written(FILE.format(service="shop", slo="up", description="x", route="a"))

    resources = configuration["resource"]
    assert resources["google_monitoring_slo"]["shop_up"]["service"] == (
        "${google_monitoring_custom_service.shop.service_id}"
    )
    condition = resources["google_monitoring_alert_policy"]["shop_up_page_1h"]["conditions"][0]
    assert condition["condition_threshold"]["filter"] == (
        'select_slo_burn_rate("${google_monitoring_slo.shop_up.name}", "3600s")'
    )


def test_the_project_is_a_variable_whose_default_is_what_is_written() -> None:
    file = FILE.format(service="shop", slo="up", description="x", route="a")
    with_project, _ = written(file)
    without, _ = written(file, project=False)

    assert with_project["variable"]["project_shop"]["default"] == PROJECT
    assert "default" not in without["variable"]["project_shop"]
    for configuration in (with_project, without):
        for named in configuration["resource"].values():
            assert {resource["project"] for resource in named.values()} == {"${var.project_shop}"}


def test_channels_are_those_of_the_project_unless_their_full_name_is_written() -> None:
    configuration, _ = written(FILE.format(service="shop", slo="up", description="x", route="a"))
    policies = configuration["resource"]["google_monitoring_alert_policy"]

    assert policies["shop_up_page_1h"]["notification_channels"] == [
        "projects/${var.project_shop}/notificationChannels/123"
    ]
    assert "notification_channels" not in policies["shop_up_ticket_1d"]


def test_names_that_begin_with_a_digit_or_differ_in_hyphens_are_identifiers_that_differ() -> None:
    names = [("1st", "up"), ("a", "b-c"), ("a-b", "d"), ("a-b", "c-d"), ("a--b", "d")]
    addresses = []
    for service, slo in names:
        configuration, _ = written(FILE.format(service=service, slo=slo, description="x", route="a"))
        for kind, named in configuration["resource"].items():
            addresses += [(kind, name) for name in named if kind != "google_monitoring_custom_service"]

    assert all(IDENTIFIER.fullmatch(name) for _, name in addresses)
    assert len(addresses) == len(set(addresses)) == 5 * len(names)


def test_all_files_together_are_one_module() -> None:
    folder = ROOT / "generated/terraform"
    addresses: list[tuple[str, ...]] = []
    for path in sorted(folder.glob("*.tf.json")):
        configuration = cloud_documents.read(path.read_text("utf-8"))
        judge(Kind.TERRAFORM, configuration)
        addresses += [("variable", name) for name in configuration["variable"]]
        addresses += [(kind, name) for kind, named in configuration["resource"].items() for name in named]

    assert len(addresses) == len(set(addresses)) > 100


MISSHAPEN: list[tuple[tuple[str | int, ...], object, object]] = [
    # where, what is wrong there, what is right there
    (("resource", "google_monitoring_slo", "shop_up", "goal"), 1, 0.9999),
    (("resource", "google_monitoring_slo", "shop_up", "rolling_period_days"), 31, 30),
    (("resource", "google_monitoring_slo", "shop_up", "rolling_period_days"), "30", 1),
    (("resource", "google_monitoring_slo", "shop_up", "service"), "shop", "${google_monitoring_service.a.service_id}"),
    (("resource", "google_monitoring_slo", "shop_up", "display_name"), "${x}", "$${x}"),
    (("resource", "google_monitoring_slo", "shop_up", "display_name"), "%{if x}", "%%{if x}"),
    (("resource", "google_monitoring_slo", "shop_up", "display_name"), "$${x}${y}", "$$$${x}$"),
    (("resource", "google_monitoring_slo", "shop_up", "project"), "shop-prod", "${var.project}"),
    (("resource", "google_monitoring_custom_service", "shop", "service_id"), "Shop", "shop"),
    (("resource", "google_monitoring_alert_policy", "shop_up_page_1h", "severity"), "PAGE", "ERROR"),
    (("resource", "google_monitoring_alert_policy", "shop_up_page_1h", "user_labels"), {"A": "b"}, {"a": "b"}),
    (("resource", "google_monitoring_alert_policy"), {"1st": {}}, {}),
    (("variable", "project_shop", "type"), "${string}", "string"),
]


@pytest.mark.parametrize(("path", "wrong", "right"), MISSHAPEN)
def test_what_the_provider_would_refuse_is_found_and_the_near_miss_passes(
    path: tuple[str | int, ...], wrong: object, right: object
) -> None:
    configuration, _ = written(FILE.format(service="shop", slo="up", description="x", route="a"))

    def changed(value: object) -> dict[str, Any]:
        copied = copy.deepcopy(configuration)
        at: Any = copied
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
        return copied

    assert problems(Kind.TERRAFORM, changed(wrong))
    if right != {}:
        assert not problems(Kind.TERRAFORM, changed(right))
