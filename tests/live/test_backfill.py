"""slogen backfill against real data folders: a new SLO gets its history, and nothing else changes."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import slogen
from command import executable
from live import backfill
from live.server import Server, Toolchain, running
from slogen import naming

HOUR, SCRAPE = 3_600, 30
HISTORY, RECORDED = 10 * HOUR, 4 * HOUR
LAST = 5 * HOUR
SLOS = """
apiVersion: slogen/v1
service: shop
slos:
  - name: old
    objective: 99.9
    sli: {availability: {total: 'served_total{job="old"}', bad: 'failed_total{job="old"}'}}
  - name: new
    objective: 99.9
    sli: {availability: {total: 'served_total{job="new"}', bad: 'failed_total{job="new"}'}}
"""
OLD, NEW, RAW = '{slo_id="shop-old"}', '{slo_id="shop-new"}', '{__name__=~"served_total|failed_total"}'


def counters(start: int, end: int) -> Iterator[backfill.Series]:
    """One of fifty requests fails, of both SLOs."""
    moments = range(start, end, SCRAPE)
    for job in ("old", "new"):
        yield f'served_total{{job="{job}"}}', [(at, 300 * number) for number, at in enumerate(moments)]
        yield f'failed_total{{job="{job}"}}', [(at, 6 * number) for number, at in enumerate(moments)]


def constants(groups: list[backfill.Group]) -> list[backfill.Group]:
    """What records the constants of the new SLO."""
    return backfill.chosen(
        groups, lambda rule: is_constant(rule.get("record", "")) and rule["labels"]["slo_id"] == "shop-new"
    )


def is_constant(name: str) -> bool:
    return any(
        constant in name for constant in (naming.OBJECTIVE, naming.ERROR_BUDGET, naming.TIME_PERIOD, naming.INFO)
    )


def everything(server: Server, selector: str, end: int) -> dict[str, list[tuple[float, str]]]:
    """Every sample of what *selector* selects, by series."""
    answer = server.api("query", query=f"{selector}[{HISTORY + HOUR}s]", time=str(end))["result"]
    return {str(sorted(one["metric"].items())): [(at, value) for at, value in one["values"]] for one in answer}


def fill(tools: Toolchain, folder: Path, server_folder: Path, server: Server) -> subprocess.CompletedProcess[str]:
    """Run the command, starting the server anew whenever it is said to be waited for."""
    command = [executable(), "backfill", "slos", "--slo=shop-new", f"--last={LAST // HOUR}h", "--run"]
    command += [f"--data={server_folder / 'data'}", f"--promtool={tools.promtool}", f"--prometheus={server.url}"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        assert run.stderr
        assert run.stdout
        said = []
        for line in run.stderr:
            said.append(line)
            if line.startswith("waiting"):
                server.process.terminate()
                server.process.wait()
                break
        while run.poll() is None:
            with running(tools, server_folder, port=server.port):
                for line in run.stderr:
                    said.append(line)
                    if line.startswith("waiting"):
                        break
                else:
                    run.wait()
        return subprocess.CompletedProcess(command, run.returncode, run.stdout.read(), "".join(said))


@pytest.mark.parametrize("lead", [pytest.param(60, id="a minute"), pytest.param(3 * HOUR, id="hours")])
def test_a_new_slo_gets_its_history_and_its_neighbours_keep_every_sample(
    tools: Toolchain, tmp_path: Path, lead: int
) -> None:
    """
    Its objective was recorded for *lead* seconds before the first event.

    Groups are evaluated at moments of their own, and rules may be there before the metric that they read.
    """
    now = int(time.time()) // 60 * 60
    first = now - RECORDED
    folder = tmp_path / "prometheus"
    text = tmp_path / "raw.om"
    backfill.write(text, counters(now - HISTORY, now))
    backfill.raw(tools, folder, text)
    groups = yaml.safe_load(slogen.compile({"slos/shop.yaml": SLOS}).artifacts[0].text)["groups"]
    old = yaml.safe_load(slogen.compile({"slos/shop.yaml": SLOS.partition("  - name: new")[0]}).artifacts[0].text)
    backfill.records(tools, folder, old["groups"], now - HISTORY, first - 1)
    backfill.records(tools, folder, constants(groups), first - lead, first - 1)
    backfill.records(tools, folder, groups, first, now)
    (tmp_path / "slos").mkdir()
    (tmp_path / "slos/shop.yaml").write_text(SLOS)
    with running(tools, folder) as server:
        before = {selector: everything(server, selector, now) for selector in (OLD, NEW, RAW)}
        done = fill(tools, tmp_path, folder, server)
    assert done.returncode == 0, done.stderr
    with running(tools, folder) as server:
        again = fill(tools, tmp_path, folder, server)
        assert again.returncode == 1
        assert "shop-new: recorded for 5h already, so there is nothing to fill" in again.stderr
        after = {selector: everything(server, selector, now) for selector in (OLD, NEW, RAW)}
        assert after[OLD] == before[OLD]
        assert after[RAW] == before[RAW]
        own = {series: samples[0][0] for series, samples in before[NEW].items()}
        assert own.keys() == after[NEW].keys()
        earliest = min(at for series, at in own.items() if not is_constant(series))
        added = {series: [one for one in samples if one[0] < own[series]] for series, samples in after[NEW].items()}
        kept = {series: [one for one in samples if one[0] >= own[series]] for series, samples in after[NEW].items()}
        assert kept == before[NEW]
        assert {series for series, samples in added.items() if not samples} == (
            {series for series in own if is_constant(series)} if lead > HOUR else set()
        )
        # It ends before the first of all its own samples; those of the constants may come a moment before the others.
        slack = 60 + (lead if lead < HOUR else 0)
        assert max(samples[-1][0] for samples in added.values() if samples) > earliest - slack
        begun = {
            float(value) for series, samples in added.items() if "slo:sli_start:" in series for _, value in samples
        }
        (start,) = begun
        assert -slack < start - (earliest - LAST) < 60
        for window in ("1h", "6h", "1d"):
            ratio = server.query(f'slo:sli_error:ratio_rate{window}{{slo_id="shop-new"}}', earliest - 120)
            assert [round(one.value, 3) for one in ratio] == [0.02]
