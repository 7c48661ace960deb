"""The adapter: whatever a server does, there is an answer or a clear word, soon, and without a storm of requests."""

import json
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from live.faulty import Answer, Answering, Asked, Faulty, closed_port, faulty, refusal, success, vector
from live.server import Toolchain, running
from slogen.live import session
from slogen.live.access import Access, access
from slogen.live.faults import PrometheusError, RefusedError, TooMuchError, UnreachableError
from slogen.live.prometheus import MOST_POINTS, Connection, Span, connect
from slogen.live.session import Session, Waiting

SECRET = "swordfish"  # noqa: S105 - so that it can be looked for
PATIENCE = 1.0
"""Where an answer never comes; where one does, a busy machine may take its time."""
AMPLE = 30.0
SOON = 30
"""Seconds; who is not given up keeps one waiting for a minute, and who is asked later for an hour."""
HTML = "<html><body>Please log in</body></html>"


@contextmanager
def asking(answering: Answering, **options: Any) -> Iterator[tuple[Connection, Faulty]]:
    """A connection to a server that answers so."""
    with faulty(answering) as server:
        given = access(server.url)._replace(**{"token": SECRET, "timeout_seconds": AMPLE, **options})
        with closing(connect(given)) as connection:
            yield connection, server


def always(status: int, body: str | bytes, headers: dict[str, str] | None = None) -> Answering:
    return lambda answer, _: answer.send(status, body, headers)


def in_turn(*answers: Answering) -> Answering:
    """One after the other, the last for ever."""
    left = list(answers)

    def answering(answer: Answer, asked: Asked) -> None:
        chosen = left.pop(0) if len(left) > 1 else left[0]
        chosen(answer, asked)

    return answering


def hang(answer: Answer, _: Asked) -> None:
    answer.hang()


def hang_in_the_body(answer: Answer, _: Asked) -> None:
    answer.send_response(200)
    answer.send_header("Content-Length", "100")
    answer.end_headers()
    answer.wfile.write(b'{"status":')
    answer.wfile.flush()
    answer.hang()


def drip(answer: Answer, _: Asked) -> None:
    """A byte now and then, so that no single wait is long."""
    answer.send_response(200)
    answer.send_header("Content-Length", "100000")
    answer.end_headers()
    while not answer.faulty.stopping.wait(0.05):
        answer.wfile.write(b" ")
        answer.wfile.flush()


def break_off(answer: Answer, _: Asked) -> None:
    answer.send_response(200)
    answer.send_header("Content-Length", "1000")
    answer.end_headers()
    answer.wfile.write(vector(1).encode()[:30])
    answer.close_connection = True


def say_nothing(answer: Answer, _: Asked) -> None:
    answer.close_connection = True


def flood(answer: Answer, _: Asked) -> None:
    answer.send_response(200)
    answer.send_header("Content-Length", str(200 * 1024 * 1024))
    answer.end_headers()
    for _piece in range(200):
        answer.wfile.write(b" " * 1024 * 1024)


ENDLESS = ("slow", "hanging body", "drip")
FAULTS: dict[str, tuple[Answering, str, int]] = {
    "slow": (hang, "does not answer in time", 1),
    "hanging body": (hang_in_the_body, "does not answer in time", 1),
    "drip": (drip, "does not answer in time", 1),
    "silent": (say_nothing, "closes the connection without an answer", 3),
    "truncated": (break_off, "cut off|breaks off", 1),
    "500": (always(500, "oops"), "answers HTTP 500", 1),
    "502": (always(502, HTML), "answers HTTP 502", 3),
    "503": (always(503, "starting"), "answers HTTP 503", 3),
    "503, much later": (always(503, "", {"Retry-After": "3600"}), "answers HTTP 503", 1),
    "504": (always(504, HTML), "answers HTTP 504", 3),
    "429": (always(429, "slowly"), "answers HTTP 429", 3),
    "401": (always(401, f"not {SECRET}"), "wants other credentials", 1),
    "403": (always(403, ""), "does not allow this", 1),
    "404": (always(404, "404 page not found"), "no Prometheus API at this address", 1),
    "redirect": (always(302, "", {"Location": f"https://login/?{SECRET}"}), "redirects to 'https://login/", 1),
    "HTML": (always(200, HTML), "the answer is HTML", 1),
    "other JSON": (always(200, "[1, 2]"), "not that of Prometheus's API", 1),
    "a number": (always(200, success(7)), "not that of Prometheus's API", 1),
    "a matrix": (always(200, success({"resultType": "matrix", "result": []})), "does not give a vector", 1),
    "no values": (always(200, success({"resultType": "vector", "result": [{"value": 3}]})), "has no value", 1),
    "words": (always(200, vector(1).replace('"1"', '"one"')), "has no value", 1),
    "a bare number": (always(200, vector(1).replace('"1.0"', "1").replace('"1"', "1")), "has no value", 1),
    "no moment": (always(200, vector(1).replace("[0,", '["x",')), "has no value", 1),
    "deep": (always(200, "[" * 100_000), "cut off or no JSON", 1),
    "no content": (always(204, ""), "answers HTTP 204", 1),
}


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other almost at once; how long they wait is tested apart."""
    monkeypatch.setattr(session, "_FIRST_WAIT_SECONDS", 0.01)


@pytest.mark.usefixtures("no_pause")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_clearly_soon_and_after_few_requests(fault: str) -> None:
    answering, told, requests = FAULTS[fault]
    with asking(answering, timeout_seconds=PATIENCE if fault in ENDLESS else AMPLE) as (connection, server):
        started = time.monotonic()
        with pytest.raises(UnreachableError, match=told) as caught:
            connection.query("up", 0)
        assert time.monotonic() - started < SOON

    assert len(server.asked) == connection.requests == requests
    assert SECRET not in str(caught.value)


def test_what_a_server_itself_says_is_told_though_it_says_so_with_200() -> None:
    refused = '{"status": "error", "errorType": "bad_data", "error": "tenant \\u001b[31m unknown"}'
    with asking(always(200, refused)) as (connection, _), pytest.raises(RefusedError) as caught:
        connection.query("up", 0)

    assert str(caught.value) == r"bad_data: 'tenant \x1b[31m unknown'"


def test_an_answer_of_200_mib_is_not_read_to_its_end() -> None:
    with asking(flood) as (connection, server), pytest.raises(TooMuchError, match="more than 64 MiB"):
        connection.query("up", 0)

    assert len(server.asked) == 1


@pytest.mark.usefixtures("no_pause")
def test_where_nothing_listens_that_is_said() -> None:
    with closing(connect(Access(f"http://127.0.0.1:{closed_port()}"))) as connection:
        with pytest.raises(UnreachableError, match="nothing listens there"):
            connection.now()
        assert connection.requests == 3


@pytest.mark.usefixtures("no_pause")
def test_a_certificate_that_nobody_vouches_for_is_refused_and_with_its_authority_taken(tmp_path: Path) -> None:
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout key.pem -out cert.pem -subj /CN=localhost"
    subprocess.run(
        [*command.split(), "-addext", "subjectAltName=IP:127.0.0.1"], cwd=tmp_path, check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with faulty(always(200, vector(7)), tls=context) as server:
        with closing(connect(access(server.url))) as connection:
            with pytest.raises(UnreachableError, match="certificate is not trusted: self"):
                connection.query("up", 0)
            assert connection.requests == 1
        with closing(connect(access(server.url)._replace(ca=str(tmp_path / "cert.pem")))) as connection:
            assert connection.query("up", 0)[0].value == 7


@pytest.mark.parametrize(
    ("status", "kind", "message"),
    [
        (400, "bad_data", "1:1: parse error"),
        (422, "execution", "found duplicate series"),
        (503, "timeout", "query timed out in expression evaluation"),
    ],
)
def test_what_a_server_refuses_keeps_its_type_and_message_and_is_asked_once(
    status: int, kind: str, message: str
) -> None:
    refused = asking(always(status, refusal(kind, message)))
    told = pytest.raises(RefusedError, match=f"{kind}: '{message}'")
    with refused as (connection, server), told as caught:
        connection.query("up", 0)

    assert caught.value.status == status
    assert len(server.asked) == 1


def test_a_refusal_that_repeats_a_secret_is_told_without_it() -> None:
    refused = asking(always(422, refusal("execution", f"token {SECRET} is spent")))
    with refused as (connection, _), pytest.raises(RefusedError, match=r"token \[secret\] is spent"):
        connection.query("up", 0)


@pytest.mark.usefixtures("no_pause")
def test_what_passes_soon_is_asked_again() -> None:
    for first in (always(503, "starting"), always(502, HTML), always(429, ""), say_nothing):
        with asking(in_turn(first, always(200, vector(7)))) as (connection, server):
            assert connection.query("up", 0)[0].value == 7
        assert len(server.asked) == 2


def test_a_query_timeout_that_says_when_to_return_is_asked_again_after_that_long() -> None:
    slept: list[float] = []
    busy = always(503, refusal("unavailable", "compacting"), {"Retry-After": "3"})
    with faulty(in_turn(busy, always(200, vector(7)))) as server:
        asker = Session(access(server.url), Waiting(sleep=slept.append))
        assert asker.request("POST", f"{server.url}/api/v1/query").status_code == 200
    assert slept == [3.0]


def test_pauses_are_random_and_twice_as_long_each_time() -> None:
    slept: list[float] = []
    with faulty(always(502, "")) as server:
        for _ in range(20):
            with pytest.raises(UnreachableError):
                Session(access(server.url), Waiting(sleep=slept.append)).get(server.url)
    first, second = slept[::2], slept[1::2]
    assert len(set(slept)) == len(slept) == 40
    assert max(first) <= 1.0 < max(second) <= 2.0


@pytest.mark.usefixtures("no_pause")
def test_after_five_failures_in_a_row_the_server_is_left_alone() -> None:
    with asking(always(500, "oops")) as (connection, server):
        for _ in range(5):
            with pytest.raises(UnreachableError, match="HTTP 500"):
                connection.query("up", 0)
        for _ in range(50):
            with pytest.raises(UnreachableError, match="left alone after 5 failures"):
                connection.query("up", 0)
    assert len(server.asked) == 5


def test_refusals_are_answers_and_leave_no_server_alone() -> None:
    fails, refuses = always(500, "oops"), always(422, refusal("execution", "no"))
    with asking(in_turn(fails, fails, fails, fails, refuses, fails, always(200, vector(7)))) as (connection, _):
        for _ in range(6):
            with pytest.raises(PrometheusError):
                connection.query("up", 0)
        assert connection.query("up", 0)[0].value == 7


def test_a_query_stands_in_the_body_so_that_no_proxy_cuts_it_off() -> None:
    query = " + ".join(["up"] * 5_000)
    with asking(always(200, vector(7))) as (connection, server):
        connection.query(query, 1_700_000_000)
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.query) == ("POST", "/api/v1/query", "")
    assert asked.parameters == {"query": query, "time": "1700000000.000", "timeout": "27000ms"}
    assert asked.headers["Authorization"] == f"Bearer {SECRET}"


def test_what_takes_no_post_is_asked_by_get_from_then_on() -> None:
    def answering(answer: Answer, asked: Asked) -> None:
        answer.send(*((405, "") if asked.method == "POST" else (200, vector(7))))

    with asking(answering) as (connection, server):
        assert [connection.query("up", 0)[0].value for _ in range(2)] == [7, 7]
    assert [asked.method for asked in server.asked] == ["POST", "GET", "GET"]


def test_who_asks_and_for_which_tenant_is_told_to_a_server_below_a_prefix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with faulty(always(200, vector(7))) as server:
        url = server.url.replace("http://", "http://us%40er:pass@") + "/prometheus/"
        given = access(url)._replace(headers={"X-Scope-OrgID": "shop"})
        with closing(connect(given)) as connection:
            connection.query("up", 0)
        with closing(connect(access(server.url))) as connection:
            connection.query("up", 0)
    first, second = server.asked
    assert first.path == "/prometheus/api/v1/query"
    assert (first.headers["X-Scope-OrgID"], first.headers["Authorization"]) == ("shop", "Basic dXNAZXI6cGFzcw==")
    assert "Authorization" not in second.headers, "nobody asked for what stands in ~/.netrc"


def test_an_address_that_is_none_is_refused_without_repeating_it() -> None:
    for wrong in (
        "",
        "prometheus:9090",
        "ftp://host",
        f"http://u:{SECRET}@",
        f"http://u:{SECRET}@host:port",
        "http://h?q",
    ):
        with pytest.raises(ValueError, match="written like") as caught:
            access(wrong)
        assert SECRET not in str(caught.value)
    assert access("http://[::1]:9090/api/v1/").url == "http://[::1]:9090"
    assert SECRET not in repr(access(f"http://u:{SECRET}@host"))


def test_warnings_are_kept() -> None:
    partial = json.loads(vector(7)) | {"warnings": ["store-2 is not there"]}
    with asking(always(200, json.dumps(partial))) as (connection, _):
        connection.query("up", 0)
        connection.query("up", 0)
        assert list(connection.warnings) == ["store-2 is not there"]


def test_no_more_questions_are_asked_at_once_than_allowed() -> None:
    lock, now, most = threading.Lock(), [0], [0]

    def answering(answer: Answer, _: Asked) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.02)
        with lock:
            now[0] -= 1
        answer.send(200, vector(7))

    with asking(answering, at_once=3) as (connection, server):
        threads = [threading.Thread(target=connection.query, args=("up", 0)) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (most[0], len(server.asked)) == (3, 20)


def limited(most: int) -> Answering:
    """A server that gives the moment as the value, and at most so many points."""

    def answering(answer: Answer, asked: Asked) -> None:
        start, end, step = (int(asked.parameters[name]) for name in ("start", "end", "step"))
        moments = range(start, end + 1, step)
        if len(moments) > most:
            message = "query processing would load too many samples into memory in query execution"
            answer.send(422, refusal("execution", message))
            return
        points = [[moment, str(moment)] for moment in moments]
        data = {"resultType": "matrix", "result": [{"metric": {"a": "b"}, "values": points}]}
        answer.send(200, success(data))

    return answering


@pytest.mark.parametrize(("most", "requests"), [(MOST_POINTS, 3), (MOST_POINTS - 1, 7)])
def test_a_long_range_is_split_and_where_that_is_too_much_halved_without_a_moment_lost(
    most: int, requests: int
) -> None:
    span = Span(1_000, 1_000 + 60 * 25_000 + 30, 60)
    with asking(limited(most)) as (connection, server):
        (points,) = connection.query_range("up", span)
    assert [moment for moment, _ in points.values] == list(range(1_000, span.end + 1, 60))
    assert all(moment == value for moment, value in points.values)
    assert len(server.asked) == requests


def test_a_range_that_is_too_much_however_short_ends_with_the_words_of_the_server() -> None:
    with asking(limited(0)) as (connection, server), pytest.raises(TooMuchError, match="too many samples"):
        connection.query_range("up", Span(0, 60 * 1_000, 60))
    assert len(server.asked) == 8


def test_a_real_server_answers_all_that_is_asked(tools: Toolchain, tmp_path: Path) -> None:
    with running(tools, tmp_path) as server, closing(connect(access(server.url))) as connection:
        now = connection.now()
        assert abs(now - time.time()) < 60
        assert [sample.value for sample in connection.query("vector(2)", now)] == [2]
        assert connection.query("absent_metric", now) == ()
        span = Span(1_700_000_000, 1_700_000_000 + 20_000 * 15, 15)
        (points,) = connection.query_range("vector(time())", span)
        assert len(points.values) == span.points == 20_001
        assert points.values[-1] == (span.end, span.end)
        assert connection.label_names('{__name__="up"}', now - 60, now) == ()
        assert connection.label_values("__name__", "", now - 60, now) == ()
        assert connection.types("up") == ()
        with pytest.raises(RefusedError, match=r"bad_data: .*parse error"):
            connection.query("up{", now)


def test_a_real_server_that_would_load_too_much_is_asked_for_less(tools: Toolchain, tmp_path: Path) -> None:
    limited_server = running(tools, tmp_path, lambda _: {}, "--query.max-samples=1000")
    with limited_server as server, closing(connect(access(server.url))) as connection:
        (points,) = connection.query_range("vector(time())", Span(0, 4_999, 1))
        assert [moment for moment, _ in points.values] == list(range(5_000))
        assert connection.requests == 31  # 16 parts of 313, since a moment of it is two samples
