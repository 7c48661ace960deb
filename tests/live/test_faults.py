"""What else may go wrong with a server, on real sockets: certificates of the client's, slow heads, ends, clocks."""

import base64
import json
import os
import re
import ssl
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from command import slogen
from live.faulty import Answer, Answering, Asked, faulty, refusal, success, vector
from slogen.live.access import access
from slogen.live.faults import UnreachableError
from slogen.live.prometheus import connect

SECRET = "swordfish"  # noqa: S105 - so that it can be looked for
SOON = 25
"""Seconds: less than the time for an answer is by default, and than what comes byte by byte takes."""
SLOS = """\
apiVersion: slogen/v1
service: SERVICE
slos:
  - name: availability
    objective: 99.9
    sli: {availability: {total: 'requests_total{job="shop"}', bad: 'requests_total{job="shop",code="500"}'}}
"""


def project(folder: Path, services: int = 1) -> Path:
    (folder / "slos").mkdir()
    (folder / "slogen.yaml").touch()
    for number in range(services):
        (folder / f"slos/shop{number}.yaml").write_text(SLOS.replace("SERVICE", f"shop{number}"))
    return folder


def validate(folder: Path, url: str, *arguments: str, **environment: str) -> Any:
    kept = {name: "" for name in os.environ if name.lower().endswith("_proxy")}
    return slogen("validate", "--prometheus", url, *arguments, cwd=folder, env={**kept, **environment})


class Certificates(NamedTuple):
    """Files of an authority, of what it vouches for, and of a stranger."""

    authority: str
    server: tuple[str, str]
    client: tuple[str, str]
    stranger: tuple[str, str]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    folder = tmp_path_factory.mktemp("certificates")

    def made(name: str, *options: str) -> tuple[str, str]:
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        files = ["-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}"]
        subprocess.run([*command, "-days", "2", *files, *options], cwd=folder, check=True, capture_output=True)
        return str(folder / f"{name}.pem"), str(folder / f"{name}.key")

    authority, key = made("authority")
    by = ("-CA", authority, "-CAkey", key, "-addext", "basicConstraints=critical,CA:FALSE")
    server = made("server", *by, "-addext", "subjectAltName=IP:127.0.0.1")
    return Certificates(authority, server, made("client", *by), made("stranger"))


@pytest.fixture(scope="module")
def strict(certificates: Certificates) -> ssl.SSLContext:
    """How a server is that lets in only whom its authority vouches for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificates.server)
    context.load_verify_locations(certificates.authority)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def seven(answer: Answer, _: Asked) -> None:
    answer.send(200, vector(7))


def test_a_client_with_a_certificate_is_let_in_whether_the_key_stands_in_it_or_apart(
    strict: ssl.SSLContext, certificates: Certificates, tmp_path: Path
) -> None:
    certificate, key = certificates.client
    both = tmp_path / "both.pem"
    both.write_text(Path(certificate).read_text() + Path(key).read_text())
    with faulty(seven, tls=strict) as server:
        for file, apart in ((certificate, key), (str(both), "")):
            given = access(server.url)._replace(ca=certificates.authority, certificate=file, key=apart)
            with closing(connect(given)) as connection:
                assert connection.query("up", 0)[0].value == 7


@pytest.mark.parametrize(
    ("which", "told"),
    [
        # Where it has closed the connection before all of the question was sent, its reason is never read.
        ("none", "it wants a certificate of the client's|it ends the secure connection at once"),
        ("stranger", "it does not take the client's certificate|it ends the secure connection at once"),
        ("missing", "the certificate or its key is not there"),
        ("mismatch", "the certificate or its key cannot be used"),
        ("keyless", "the certificate or its key cannot be used"),
    ],
)
def test_a_client_without_the_right_certificate_is_told_what_is_wrong_with_it_soon_and_once(
    which: str, told: str, strict: ssl.SSLContext, certificates: Certificates
) -> None:
    certificate, key = {
        "none": ("", ""),
        "stranger": certificates.stranger,
        "missing": ("/nowhere/client.pem", "/nowhere/client.key"),
        "mismatch": (certificates.client[0], certificates.stranger[1]),
        "keyless": (certificates.client[0], ""),
    }[which]
    with faulty(seven, tls=strict) as server:
        given = access(server.url)._replace(ca=certificates.authority, certificate=certificate, key=key, token=SECRET)
        with closing(connect(given)) as connection:
            started = time.monotonic()
            with pytest.raises(UnreachableError, match=told) as caught:
                connection.query("up", 0)
            assert time.monotonic() - started < SOON
            assert connection.requests == 1
        assert not server.asked
    assert SECRET not in str(caught.value)


def test_the_command_shows_the_certificate_that_it_is_given(
    strict: ssl.SSLContext, certificates: Certificates, tmp_path: Path
) -> None:
    def answering(answer: Answer, _: Asked) -> None:
        answer.send(200, vector(time.time()))

    own = ("--certificate", certificates.client[0], "--key", certificates.client[1])
    with faulty(answering, tls=strict) as server:
        folder = project(tmp_path)
        shown, hidden = (
            validate(folder, server.url, "--ca", certificates.authority, "--format", "json", *more)
            for more in (own, ())
        )
    assert json.loads(shown.stdout)["server"]["unreachable"] is None
    assert server.asked
    assert (hidden.returncode, hidden.stdout.count(server.url)) == (4, 1)


def dripping(every_seconds: float, head: bytes, body: bytes) -> Answering:
    """A head of which each byte comes that much later than the last, and then the body."""

    def answering(answer: Answer, _: Asked) -> None:
        for byte in head:
            if answer.faulty.stopping.wait(every_seconds):
                return
            answer.wfile.write(bytes([byte]))
            answer.wfile.flush()
        answer.wfile.write(body)

    return answering


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_a_head_that_comes_byte_by_byte_is_given_up_when_the_time_for_an_answer_is_over(
    secure: bool, certificates: Certificates
) -> None:
    context = None
    if secure:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificates.server)
    head = b"HTTP/1.1 200 OK\r\nX-Padding: " + b"x" * 1_000
    with faulty(dripping(0.25, head, b""), tls=context) as server:
        given = access(server.url)._replace(ca=certificates.authority, timeout_seconds=1.0)
        with closing(connect(given)) as connection:
            started = time.monotonic()
            with pytest.raises(UnreachableError, match="it does not answer in time"):
                connection.query("up", 0)
            assert 0.9 < time.monotonic() - started < SOON
            assert connection.requests == 1


def test_a_head_that_comes_slowly_but_in_time_is_an_answer_and_the_connection_is_kept() -> None:
    body = vector(7).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with faulty(dripping(0.005, head, body)) as server:
        given = access(server.url)._replace(timeout_seconds=30.0)
        with closing(connect(given)) as connection:
            assert [connection.query("up", at)[0].value for at in (0, 1)] == [7, 7]
            assert connection.requests == len(server.asked) == 2


def test_a_server_that_goes_away_half_way_leaves_the_rest_not_checked_and_is_not_stormed(tmp_path: Path) -> None:
    alive, jobs, failures, attempts = 20, 4, 5, 3

    def answering(answer: Answer, asked: Asked) -> None:
        if len(answer.faulty.asked) <= alive:
            query = asked.parameters.get("query")
            now = success({"resultType": "scalar", "result": [0, f"{time.time()}"]})
            answer.send(200, now if query == "time()" else vector(7))
            return
        answer.faulty.listening.close()  # from now on nothing listens there
        answer.close_connection = True
        answer.connection.close()

    started = time.monotonic()
    with faulty(answering) as server:
        done = validate(project(tmp_path, 40), server.url, "--format", "json", "--jobs", str(jobs))

    assert done.returncode == 4, done.stdout
    assert time.monotonic() - started < 60
    told = json.loads(done.stdout)
    reasons = {reason for one in told["results"] for reason in one["not_checked"]}
    assert len({one["slo"] for one in told["results"]}) == 40, "each is told of"
    assert any("left alone after 5 failures in a row" in reason for reason in reasons)
    assert any(re.search("nothing listens there|closes the connection|resets|breaks", reason) for reason in reasons)
    # A good answer that was on its way when the server went, at most one for each job, starts the count anew.
    assert told["server"]["requests"] <= alive + attempts * jobs * (failures + jobs)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("skew", "note"), [(600, "is 600s ahead"), (-600, "is 600s behind"), (30, ""), (-30, "")], ids=str
)
def test_the_clock_of_the_server_is_the_one_used_and_told_where_it_is_far_from_ours(
    skew: float, note: str, tmp_path: Path
) -> None:
    moment = time.time() + skew

    def answering(answer: Answer, asked: Asked) -> None:
        now = success({"resultType": "scalar", "result": [0, f"{moment:.3f}"]})
        answer.send(200, now if asked.parameters.get("query") == "time()" else vector(7))

    with faulty(answering) as server:
        told = json.loads(validate(project(tmp_path), server.url, "--format", "json").stdout)

    notes = told["server"]["notes"]
    assert [bool(note)] == [bool(notes)]
    assert not note or re.search(
        r"the clock of the server is (9m[3-5]\ds|10m([0-2]?\ds)?) (ahead|behind); it is the one used", notes[0]
    )
    assert (note.split()[-1:] or [""])[0] in "".join(notes)
    asked = {one.parameters["time"] for one in server.asked if "time" in one.parameters}
    assert max(asked) == f"{moment:.3f}", "and none is later"


def headers(asked: Asked) -> str:
    """All that came with a request, as a careless server might repeat it."""
    return " ".join(f"{name}: {value}" for name, value in asked.headers.items())


def rules(asked: Asked) -> str:
    failing = {"name": "up:up", "query": "up", "health": "err", "lastError": headers(asked), "type": "recording"}
    labels = {"slo_id": "shop0-availability", "slo_service": "shop0", "slo_name": "availability"}
    recorded = {**failing, "name": "slo:sli_events:rate2m", "labels": labels}
    return success({"groups": [{"name": "shop", "file": "shop.yaml", "interval": 30, "rules": [recorded]}]})


def repeating(fail: Callable[[Answer, Asked], None]) -> Answering:
    """A server that lives, tells of rules that fail, warns, and answers all else by *fail*."""

    def answering(answer: Answer, asked: Asked) -> None:
        if asked.parameters.get("query") == "time()":
            now = {"resultType": "scalar", "result": [0, f"{time.time()}"]}
            answer.send(200, success(now, warnings=[headers(asked)]))
        elif asked.path.endswith("/rules"):
            answer.send(200, rules(asked))
        else:
            fail(answer, asked)

    return answering


CARELESS: dict[str, Answering] = {
    "422": repeating(lambda answer, asked: answer.send(422, refusal("execution", headers(asked)))),
    "401": repeating(lambda answer, asked: answer.send(401, headers(asked))),
    "500": repeating(lambda answer, asked: answer.send(500, headers(asked))),
    "redirect": repeating(lambda answer, asked: answer.send(302, "", {"Location": f"/login?{headers(asked)}"})),
    "HTML": repeating(lambda answer, asked: answer.send(200, f"<html>{headers(asked)}</html>")),
    "never": lambda answer, asked: answer.send(403, headers(asked)),
}


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif", "junit"])
@pytest.mark.parametrize("careless", CARELESS)
def test_no_output_holds_a_secret_however_careless_the_server(careless: str, form: str, tmp_path: Path) -> None:
    basic = base64.b64encode(f"shopkeeper:{SECRET}-password".encode()).decode()
    with faulty(CARELESS[careless]) as server:
        url = server.url.replace("//", f"//shopkeeper:{SECRET}-password@")
        tenant = f"X-Scope-OrgID: {SECRET}-tenant"
        done = validate(project(tmp_path), url, "--format", form, "--header", tenant, SLOGEN_PROMETHEUS_TOKEN=SECRET)

    assert any(asked.headers["Authorization"] == f"Basic {basic}" for asked in server.asked)
    assert done.returncode in (1, 4)
    for output in (done.stdout, done.stderr):
        assert SECRET not in output
        assert basic not in output
        assert "Traceback" not in output
