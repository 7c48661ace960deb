"""What compile writes against what runs, in real servers that evaluate it: each difference is found, and no other."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

import pytest

import slogen
from live.server import Server, Toolchain, eventually, running
from live.victoria import evaluating, storing
from slogen.diagnostics import Level
from slogen.live import checks
from slogen.live.access import access
from slogen.live.asking import Asking
from slogen.live.checks._check import Finding, NotChecked, Said
from slogen.live.deployment import Deployment
from slogen.live.faults import RefusedError
from slogen.live.prometheus import connect
from slogen.model import Strategy

HERE = Path(__file__).parent
SLOS = """\
apiVersion: slogen/v1
service: shop
slos:
  - name: availability
    objective: 99.9
    sli: {availability: {total: 'requests_total{job="shop"}', bad: 'requests_total{job="shop",code=~"5.."}'}}
  - name: latency
    objective: 99
    sli: {latency: {histogram: 'duration_seconds{job="shop"}', threshold: 500ms}}
  - name: alone
    objective: 99.5
    isolated: true
    sli: {availability: {total: 'requests_total{job="alone"}', bad: 'requests_total{job="alone",code=~"5.."}'}}
"""
FILE = "prometheus/shop.rules.yaml"


class Ruler(ABC):
    """What evaluates the rules of a folder."""

    server: Server

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "rules").mkdir(parents=True)

    def runs(self, **files: str) -> Server:
        """Let it evaluate *files* and nothing else."""
        for old in self.folder.glob("rules/*.yaml"):
            old.unlink()
        for name, text in files.items():
            (self.folder / f"rules/{name}.yaml").write_text(text)
        self.read()
        return self.server

    @abstractmethod
    def read(self) -> None:
        """Read the rules again."""


class ByPrometheus(Ruler):
    def __init__(self, folder: Path, server: Server) -> None:
        super().__init__(folder)
        self.server = server

    def read(self) -> None:
        self.server.reload()


class ByVmalert(Ruler):
    """Started anew each time, for it tells of new rules only when it has evaluated the old ones."""

    def __init__(self, folder: Path, binary: Path, store: Server) -> None:
        super().__init__(folder)
        self.binary, self.store = binary, store
        self.stack = ExitStack()

    def read(self) -> None:
        self.stack.close()
        self.server = self.stack.enter_context(evaluating(self.binary, self.folder, self.store))


@pytest.fixture(scope="module", params=["2.x", "3.x", "vmalert"])
def ruler(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ruler]:
    """Everything that evaluates rules, in turn."""
    folder = tmp_path_factory.mktemp("deployed")
    if request.param == "vmalert":
        with storing(request.getfixturevalue("victoriametrics"), folder / "store") as store:
            started = ByVmalert(folder / "vmalert", request.getfixturevalue("vmalert"), store)
            with started.stack:
                yield started
    else:
        major = int(request.param[0])
        binaries = (request.getfixturevalue(f"{name}{major}") for name in ("prometheus", "promtool"))
        with running(Toolchain(major, *binaries), folder, lambda _: {"rule_files": ["rules/*.yaml"]}) as server:
            yield ByPrometheus(folder, server)


def compiled(text: str = SLOS) -> slogen.Compilation:
    return slogen.compile({"slos/shop.yaml": text}, targets=["prometheus"])


def written(text: str = SLOS) -> str:
    """The rule file of the service."""
    return next(artifact.text for artifact in compiled(text).artifacts if artifact.path == FILE)


def said(
    server: Server, generated: str | None = None, compilation: slogen.Compilation | None = None
) -> dict[str, list[Said]]:
    """What the check says of each SLO, when *generated* is the rule file that was written last."""
    of = compilation or compiled()
    with closing(connect(access(server.url))) as connection:
        content = None if generated is None else generated.encode()
        asking = Asking(connection, 0, Deployment(connection, of.artifacts, lambda _: content))
        check = checks.load("deployed-rules")
        found = {slo.name: list(check(slo, asking)) for slo in of.slos}
        assert connection.requests <= 2
    return found


def told(found: list[Said]) -> list[str]:
    return [one.message if isinstance(one, Finding) else one.reason for one in found]


def test_what_compile_writes_runs_as_it_writes_it(ruler: Ruler) -> None:
    server = ruler.runs(shop=written())

    assert said(server) == {"availability": [], "latency": [], "alone": []}


@pytest.mark.parametrize("strategy", Strategy)
@pytest.mark.parametrize("name", ["kinds", "mixed"])
def test_every_kind_of_sli_by_every_strategy_is_recognised(name: str, strategy: Strategy, ruler: Ruler) -> None:
    text = (HERE / f"slos/{name}.yaml").read_text()
    if isinstance(ruler, ByVmalert):
        text = text.replace("{{ owner }}", "owner")  # it takes labels of recording rules for templates
    organisation = ("slogen.yaml", (HERE / "slos/slogen.yaml").read_text())
    of = slogen.compile({"service.yaml": text}, organisation=organisation, targets=["prometheus"], strategy=strategy)
    server = ruler.runs(service=of.artifacts[0].text)

    assert {slo: told(found) for slo, found in said(server, compilation=of).items() if found} == {}


def test_of_several_targets_those_rules_count_that_the_server_is_closest_to(
    victoriametrics: Path, vmalert: Path, tmp_path: Path
) -> None:
    of = slogen.compile({"slos/shop.yaml": SLOS}, targets=["prometheus", "victoriametrics"])
    with storing(victoriametrics, tmp_path / "store") as store:
        ruler = ByVmalert(tmp_path / "vmalert", vmalert, store)
        with ruler.stack:
            for artifact in of.artifacts:
                assert said(ruler.runs(shop=artifact.text), compilation=of) == {
                    "availability": [],
                    "latency": [],
                    "alone": [],
                }
            edited = of.artifacts[1].text.replace("> 0.0144", "> 0.0143")
            (message,) = told(said(ruler.runs(shop=edited), compilation=of)["availability"])
    assert [artifact.path.partition("/")[0] for artifact in of.artifacts] == ["prometheus", "victoriametrics"]
    assert message.startswith("the server runs 1 of its 25 rules otherwise: ErrorBudgetBurn (page) (expr)")


def without(text: str, name: str, slo: str) -> str:
    """A rule file without the rule of that name of an SLO."""
    rules = re.split(r"(?m)^(?=      - )", text)
    kept = [rule for rule in rules if not (name in rule.partition("\n")[0] and f'slo_id: "{slo}"' in rule)]
    assert len(kept) == len(rules) - 1
    return "".join(kept)


def changed(pattern: str, replacement: str, count: int = 1) -> Callable[[str], str]:
    """An edit of a rule file, which has to find something."""

    def edit(text: str) -> str:
        found, times = re.subn(pattern, replacement, text, count=count)
        assert times
        return found

    return edit


class Case(NamedTuple):
    """
    What is said when the rule file is another one.

    Attributes:
        said: patterns of what is told of the SLO, empty where nothing is.
        level: of all of it.
        others: whether the other SLO of the same groups is told the same.
    """

    edit: Callable[[str], str]
    said: str = ""
    slo: str = "availability"
    level: Level = Level.WARNING
    others: bool = False


EDITS: Mapping[str, Case] = {
    "a rule is missing": Case(
        lambda text: without(text, "slo:sli_errors:rate2m", "shop-availability"),
        r"^the server lacks 1 of its \d\d rules: slo:sli_errors:rate2m$",
    ),
    "a shared rule is missing": Case(
        changed(r"      - record: \"slo:sli_error:ratio_rate1h\"\n(?:        .*\n)*", ""),
        r"^the server lacks 1 of its \d\d rules: slo:sli_error:ratio_rate1h$",
        others=True,
    ),
    "an alert of another threshold": Case(
        changed(r"(ratio_rate5m\{slo_id=\"shop-availability\"\} > )0\.0144", r"\g<1>0.0145"),
        r"^the server runs 1 of its \d\d rules otherwise: ErrorBudgetBurn \(page\) \(expr\)$",
    ),
    "a threshold written otherwise": Case(changed(r"(ratio_rate5m\{.*\} > )0\.0144", r"\g<1>144e-4")),
    "a query laid out otherwise": Case(
        changed(r"expr: \|-\n +(sum\(rate\(requests_total\{job=\"shop\"\}\[)2m(\]\)\))", r"expr: '( \g<1>120s\2 )'")
    ),
    "a query with another matcher": Case(
        changed(r"job=\"shop\",code=~\"5\.\.\"", 'job="shop",code="500"'),
        r"otherwise: slo:sli_errors:rate2m \(expr\)$",
    ),
    "an alert that waits longer": Case(
        changed(r"for: \"15m\"", 'for: "20m"'), r"otherwise: SLOMetricAbsent \(ticket\) \(for\)$"
    ),
    "the same wait in another unit": Case(changed(r"for: \"15m\"", 'for: "900s"', 9)),
    "an alert that goes on": Case(
        changed(r"for: \"15m\"", 'for: "15m"\n        keep_firing_for: "1m"'),
        r"otherwise: SLOMetricAbsent \(ticket\) \(keep_firing_for\)$",
    ),
    "a route of its own": Case(
        changed(r"severity: \"page\"\n", 'severity: "page"\n          team: "night"\n'),
        r"otherwise: ErrorBudgetBurn \(page\) \(labels\)$",
    ),
    "other words": Case(
        changed(r"is burning its error budget", "burns its error budget"),
        r"otherwise: ErrorBudgetBurn \(page\) \(annotations\)$",
    ),
    "evaluated less often": Case(
        changed(r"interval: \"30s\"", 'interval: "1m"'),
        r"^the server runs 9 of its \d\d rules otherwise: slo:sli_events:rate2m \(interval\), .* and 6 more$",
        others=True,
    ),
    "the same interval in another unit": Case(changed(r"interval: \"2m\"", "interval: 120s")),
    "a group of another name": Case(changed(r"slogen-shop-fast", "shop")),
    "no rules at all": Case(lambda _: "groups: []\n", r"^the server runs none of its \d\d rules$", others=True),
    "a rule that no longer is": Case(
        changed(
            r"    rules:\n",
            "    rules:\n      - {alert: OldBurn, expr: up == 0, labels: {slo_id: shop-availability}}\n",
        ),
        r"^the server runs 1 rule of it that compile does not write: OldBurn in .*shop\.yaml; remove what is left",
    ),
    "a rule of somebody else": Case(
        changed(r"    rules:\n", "    rules:\n      - {alert: Down, expr: up == 0, labels: {severity: page}}\n")
    ),
}


def test_rules_of_another_target_whose_shared_ones_are_in_packs_are_recognised(ruler: Ruler) -> None:
    engine = ("slogen.yaml", "mimir: {rules_per_group: 14}\n")
    of = slogen.compile({"slos/shop.yaml": SLOS}, organisation=engine, targets=["mimir"])
    namespace, groups = of.artifacts[0].text.split("groups:\n")
    server = ruler.runs(shop=f"groups:\n{groups}")

    assert "namespace: " in namespace
    assert "slogen-shop-2-fast" in groups
    assert said(server, compilation=of) == {"availability": [], "latency": [], "alone": []}
    of_one = said(server)["availability"]
    assert "otherwise: slo:sli_error:ratio_rate5m (expr)" in told(of_one)[0], "compile writes them for all at once"


@pytest.mark.parametrize("name", EDITS)
def test_what_differs_is_told_of_the_slo_that_it_concerns_and_what_does_not_is_not(name: str, ruler: Ruler) -> None:
    case = EDITS[name]
    server = ruler.runs(shop=case.edit(written()))

    found = said(server)
    messages = told(found[case.slo])
    assert len(messages) == bool(case.said), messages
    assert all(isinstance(one, Finding) and one.level is case.level for one in found[case.slo])
    assert re.search(case.said, " | ".join(messages)), messages
    assert bool(found["latency"]) == case.others or name == "no rules at all"
    assert not found["alone"] or name == "no rules at all", "its rules stand in groups of their own"


def test_what_is_loaded_twice_is_an_error_that_names_both_files(ruler: Ruler) -> None:
    server = ruler.runs(shop=written(), copy=without(written(), "slo:sli_errors:rate2m", "shop-alone"))

    found = said(server)
    for slo, rules in (("availability", r"\d\d of its rules are"), ("alone", r"\d\d of its rules are")):
        (one,) = found[slo]
        assert isinstance(one, Finding)
        assert one.level is Level.ERROR
        assert re.search(
            f"^{rules} loaded more than once, from .*copy.yaml, .*shop.yaml: .*; load each once", one.message
        )


def test_an_old_rule_beside_the_new_one_is_loaded_twice_and_what_is_shared_by_others_is_not(ruler: Ruler) -> None:
    rules = re.split(r"(?m)^(?=      - )", written())
    (old,) = [rule for rule in rules if "alert: " in rule and 'shop-latency"} > 0.144' in rule]
    shared = '{record: "slo:sli_error:ratio_rate5m", expr: "up{slo_id=\'shop-old\'}", labels: {slo_service: shop}}'
    copied = f"groups:\n  - name: old\n    rules:\n{old.replace('0.144', '0.2')}"
    server = ruler.runs(shop=written(), copy=f"{copied.rstrip()}\n      - {shared}\n")

    found = said(server)
    (message,) = told(found["latency"])
    assert re.search(r"^1 of its rules is loaded more than once, from .*: ErrorBudgetBurn \(page\); load", message)
    assert (found["availability"], found["alone"]) == ([], [])


def test_a_rule_that_cannot_be_evaluated_is_an_error_in_the_words_of_the_server(ruler: Ruler) -> None:
    expr = 'label_replace(vector(1), "a", "$1", "b", "(")'
    text = changed(r"expr: \|-\n +sum\(rate\(requests_total\{job=\"shop\"\}\[2m\]\)\)", f"expr: '{expr}'")(written())
    server = ruler.runs(shop=text.replace('interval: "30s"', 'interval: "1s"'))

    def failing() -> list[str]:
        found = [one for one in said(server)["availability"] if isinstance(one, Finding) and one.level is Level.ERROR]
        # On a busy machine a group may take longer than that second, which is told, too.
        return [one.message for one in found if " takes " not in one.message]

    (message,) = eventually(failing, bool)
    assert re.search(r"^the server cannot evaluate slo:sli_events:rate2m: .*regular expression|regexp", message)


OTHER = SLOS.replace("99.9", "99.8")


@pytest.mark.parametrize(
    ("runs", "generated", "origin"),
    [
        (
            OTHER,
            OTHER,
            "; it has them as generated/ does, which is not what the SLO compiles to: compile, and deploy that",
        ),
        (OTHER, SLOS, "; generated/ is as compile writes it, so it was not deployed since, or edited there by hand"),
        (
            OTHER,
            SLOS.replace("99.9", "99.7"),
            "; generated/ agrees with neither, so they were edited by hand or deployed from elsewhere",
        ),
        (OTHER, None, ""),
        ("", SLOS, "; generated/ is as compile writes it, so it was not deployed since"),
    ],
)
def test_where_a_difference_comes_from_is_told_as_far_as_the_file_in_generated_tells(
    runs: str, generated: str | None, origin: str, ruler: Ruler
) -> None:
    server = ruler.runs(shop=written(runs) if runs else "groups: []\n")
    before = written(generated) if generated is not None else None

    (message,) = told(said(server, before)["availability"])
    assert message.split("; ", 1)[1:] == ([origin.removeprefix("; ")] if origin else [])


def test_a_store_that_evaluates_nothing_is_not_checked_and_told_where_to_look(
    victoriametrics: Path, tmp_path: Path
) -> None:
    refused = pytest.raises(RefusedError, match=r"it evaluates no rules; where something else .* as --rules-url")
    with storing(victoriametrics, tmp_path) as store, closing(connect(access(store.url))) as connection, refused:
        connection.rules()


def test_without_what_compile_writes_nothing_is_checked(ruler: Ruler) -> None:
    server = ruler.runs()
    with closing(connect(access(server.url))) as connection:
        (one,) = checks.load("deployed-rules")(compiled().slos[0], Asking(connection, 0))
    assert isinstance(one, NotChecked)
