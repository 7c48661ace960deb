"""An SLO of very many groups is not replayed over more than can be held, and is over less; others are replayed."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from command import slogen
from live.faulty import Answer, Asked, Faulty, faulty, success, vector

GROUPS = 600
ONE = "availability: {total: asked_total, bad: failed_total}"
SLOS = f"""
apiVersion: slogen/v1
service: shop
slos:
  - {{name: split, objective: 99.9, group_by: [path], sli: {{{ONE}}}}}
  - {{name: whole, objective: 99.9, sli: {{{ONE}}}}}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Faulty]:
    """A server with so many groups, of each the last moment that it is asked for."""

    def answering(answer: Answer, asked: Asked) -> None:
        if not asked.path.endswith("/query_range"):
            answer.send(200, vector(time.time()))
            return
        split = "by (path)" in asked.parameters["query"]
        labels = [{"path": f"/{number}"} for number in range(GROUPS)] if split else [{}]
        values = [[int(asked.parameters["end"]), "1"]]
        answer.send(
            200, success({"resultType": "matrix", "result": [{"metric": one, "values": values} for one in labels]})
        )

    with faulty(answering) as started:
        yield started


def backtest(folder: Path, server: Faulty, *more: str) -> Any:
    (folder / "shop.yaml").write_text(SLOS)
    return slogen(
        "backtest", "shop.yaml", "--prometheus", server.url, "--no-cache", "--format", "json", *more, cwd=folder
    )


def test_a_month_of_six_hundred_groups_is_told_to_be_too_much_and_the_others_are_replayed(
    server: Faulty, tmp_path: Path
) -> None:
    done = backtest(tmp_path, server)

    split, whole = json.loads(done.stdout)["slos"]
    assert done.returncode == 1
    assert split["unread"].startswith("it has 600 groups of 4")
    assert split["unread"].endswith("choose a longer --step or a shorter --last, or group by fewer labels")
    assert whole["unread"] is None


def test_the_same_groups_are_replayed_at_a_longer_step(server: Faulty, tmp_path: Path) -> None:
    done = backtest(tmp_path, server, "--step", "1h")

    split, _ = json.loads(done.stdout)["slos"]
    assert done.returncode == 0
    assert len(split["variants"][0]["groups"]) == GROUPS


def test_a_young_slo_that_is_split_is_not_asked_for_day_by_day(tmp_path: Path) -> None:
    def answering(answer: Answer, asked: Asked) -> None:
        if asked.path.endswith("/query_range"):
            answer.send(200, success({"resultType": "matrix", "result": []}))
        else:
            answer.send(200, vector(time.time()))

    with faulty(answering) as young:
        backtest(tmp_path, young, "--slo", "shop/split")

    # A month and the three days before it, twice: events and errors.
    assert sum(asked.path.endswith("/query_range") for asked in young.asked) <= 2 * 11
