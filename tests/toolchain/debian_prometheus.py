"""
Prometheus 2.x and 3.x for the tests, out of Debian's packages, without root and without touching the system.

    python tests/toolchain/debian_prometheus.py .cache/prometheus

The mirror is the one that the machine's own apt uses. A private apt, which knows that mirror and Debian's archive
keyring alone, fetches and verifies the packages; ``promtool`` and ``prometheus`` are unpacked to ``FOLDER/2`` and
``FOLDER/3``. What is there already and runs is kept. ``PROMETHEUS2_DIR`` and ``PROMETHEUS3_DIR``, where set, win.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

BINARIES: Final = ("promtool", "prometheus")
SUITES: Final[Mapping[int, tuple[str, ...]]] = {2: ("oldstable", "stable"), 3: ("unstable",)}
"""
Where Debian has each major version; the first suite that offers it wins, for Debian's releases move on.

Of 2.x the older one, since what is written for the default ``prometheus_version``, 2.42, must suit it.
"""
PACKAGES: Final = ("prometheus", "promtool")
"""The second one is part of the first up to Debian 12."""
KEYRINGS: Final = (
    "/usr/share/keyrings/debian-archive-keyring.pgp",
    "/usr/share/keyrings/debian-archive-keyring.gpg",
)

APT_CONF: Final = """\
Dir::State "{root}/state";
Dir::State::status "{root}/status";
Dir::Cache "{root}/cache";
Dir::Etc::sourcelist "{root}/sources.list";
Dir::Etc::sourceparts "{root}/empty";
Dir::Etc::preferences "{root}/empty/preferences";
Dir::Etc::preferencesparts "{root}/empty";
// As root, apt would read and write as the user _apt, who may not enter this folder.
APT::Sandbox::User "root";
// By default an update without a network is a success.
APT::Update::Error-Mode "any";
Acquire::Retries "3";
Acquire::AllowInsecureRepositories "false";
APT::Get::AllowUnauthenticated "false";
// The machine's own hooks would clean the machine's own cache.
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
"""


class UnavailableError(Exception):
    """Why a Prometheus cannot be had, in words for the person who asked for it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the machine's apt configuration says about one archive."""

    types: tuple[str, ...]
    uris: tuple[str, ...]
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str

    def may_be_debian(self) -> bool:
        """Whether this may be Debian's archive; its signature decides."""
        return (
            "deb" in self.types
            and "main" in self.components
            and not any("security" in text or text.endswith("/updates") for text in (*self.uris, *self.suites))
            and (not self.signed_by or "debian-archive-" in self.signed_by)
        )


def mirrors(one_line: Sequence[str], deb822: Sequence[str]) -> tuple[str, ...]:
    """
    The URIs, the likeliest first, under which the machine may find Debian's archive.

    Args:
        one_line: the texts of ``*.list`` files.
        deb822: the texts of ``*.sources`` files.
    """
    entries = [entry for text in deb822 for entry in _deb822_entries(text)]
    entries += [entry for text in one_line for entry in _one_line_entries(text)]
    found = [uri.rstrip("/") for entry in entries if entry.may_be_debian() for uri in entry.uris]
    usable = [uri for uri in dict.fromkeys(found) if not uri.startswith("cdrom:")]
    return tuple(sorted(usable, key=lambda uri: "debian" not in uri))


def _deb822_entries(text: str) -> Iterator[Entry]:
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for stanza in re.split(r"\n\s*\n", lines):
        found = re.findall(r"^([\w-]+):(.*(?:\n[ \t].*)*)", stanza, flags=re.MULTILINE)
        fields = {name.lower(): tuple(value.split()) for name, value in found}
        if fields.get("enabled") != ("no",):
            types, uris, suites, components, signed_by = (
                fields.get(name, ()) for name in ("types", "uris", "suites", "components", "signed-by")
            )
            yield Entry(types, uris, suites, components, " ".join(signed_by))


def _one_line_entries(text: str) -> Iterator[Entry]:
    line_format = re.compile(r"^\s*(deb|deb-src)\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)([^#\n]*)", flags=re.MULTILINE)
    for kind, options, uri, suite, components in line_format.findall(text):
        signed_by = " ".join(re.findall(r"signed-by=(\S+)", options))
        yield Entry((kind,), (uri,), (suite,), tuple(components.split()), signed_by)


def variable(major: int) -> str:
    """The environment variable that names a folder of one's own."""
    return f"PROMETHEUS{major}_DIR"


def advice(major: int) -> str:
    """What to do where the binaries of *major* cannot be fetched."""
    return f"set {variable(major)} to a folder that holds promtool and prometheus {major}.x"


def folder(major: int, cache: Path, environment: Mapping[str, str]) -> Path:
    """Where the binaries of *major* are, or would be."""
    named = environment.get(variable(major))
    return Path(named).absolute() if named else cache / str(major)


def version(place: Path, major: int) -> str:
    """
    The version of the binaries in *place*.

    Raises:
        UnavailableError: one of them is missing, does not run, or is not of *major*.
    """
    found = ""
    for binary in BINARIES:
        try:
            shown = _run([str(place / binary), "--version"])
        except OSError as error:
            raise UnavailableError(f"no {binary} {major}.x in {place}: {error.strerror}") from error
        match = re.search(r"version (\S+)", shown)
        if not match or not match[1].startswith(f"{major}."):
            first = shown.partition("\n")[0]
            raise UnavailableError(f"{place / binary} is not {binary} {major}.x: it calls itself {first!r}")
        found = match[1]
    return found


def provide(major: int, cache: Path, environment: Mapping[str, str]) -> tuple[Path, str]:
    """
    Where Prometheus of *major* is, and its version; fetched first if need be.

    Raises:
        UnavailableError: it is not there and cannot be fetched.
    """
    place = folder(major, cache, environment)
    try:
        return place, version(place, major)
    except UnavailableError:
        if environment.get(variable(major)):
            raise
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"fetch-{major}-", dir=cache) as scratch:
        _move(_fetch(major, Path(scratch)), place, major)
    return place, version(place, major)


def _fetch(major: int, scratch: Path) -> Path:
    """A folder under *scratch* with the binaries of *major*, from the first mirror and suite that have them."""
    missing = [tool for tool in ("apt-get", "apt-cache", "apt-config", "dpkg-deb") if not shutil.which(tool)]
    if missing:
        raise UnavailableError(
            f"Prometheus {major}.x comes from Debian's packages, but this machine has no {missing[0]}"
        )
    keyring = next((path for path in KEYRINGS if Path(path).is_file()), None)
    if not keyring:
        raise UnavailableError(f"Debian's packages cannot be verified without its archive keyring, {KEYRINGS[-1]}")
    sources = [(mirror, suite) for mirror in _machine_mirrors() for suite in SUITES[major]]
    told = [f"no Prometheus {major}.x from Debian's packages:"]
    for number, (mirror, suite) in enumerate(sources):
        print(f"Prometheus {major}.x: fetching it from Debian {suite} ...", file=sys.stderr, flush=True)
        apt = _PrivateApt(scratch / str(number))
        try:
            # Of the suite only the list of packages is needed, no translations and no icons.
            apt.know(f"deb [signed-by={keyring} target=Packages] {mirror} {suite} main")
            return apt.unpack(major)
        except UnavailableError as error:
            told.append(f"Debian {suite}: {error}")
    raise UnavailableError("\n  ".join(told))


def _machine_mirrors() -> tuple[str, ...]:
    settings = _run(["apt-config", "shell", "LIST", "Dir::Etc::sourcelist/f", "PARTS", "Dir::Etc::sourceparts/d"])
    paths = {name: Path(path) for name, path in (token.split("=", 1) for token in shlex.split(settings))}
    one_line = [paths["LIST"], *sorted(paths["PARTS"].glob("*.list"))]
    deb822 = sorted(paths["PARTS"].glob("*.sources"))
    found = mirrors(_texts(one_line), _texts(deb822))
    if not found:
        raise UnavailableError("this machine's apt configuration names no mirror of Debian's archive")
    return found


def _texts(paths: Sequence[Path]) -> list[str]:
    return [path.read_text("utf-8", "replace") for path in paths if path.is_file()]


@dataclass(frozen=True, slots=True)
class _PrivateApt:
    """An apt whose configuration, lists and cache are its own, under *root*."""

    root: Path

    def know(self, source: str) -> None:
        """Fetch the list of packages of *source*, the only one that this apt knows, and verify its signature."""
        for name in ("state/lists/partial", "cache/archives/partial", "empty", "packages"):
            (self.root / name).mkdir(parents=True)
        (self.root / "status").touch()
        (self.root / "sources.list").write_text(f"{source}\n", "utf-8")
        (self.root / "apt.conf").write_text(APT_CONF.format(root=self.root), "utf-8")
        self._call("apt-get", "-qq", "update")

    def unpack(self, major: int) -> Path:
        """A folder that holds the binaries of *major*, which run, and nothing else."""
        offered = {package: self._candidate(package) for package in PACKAGES}
        if not offered["prometheus"].startswith(f"{major}."):
            raise UnavailableError(f"its prometheus is {offered['prometheus'] or 'missing'}")
        self._call("apt-get", "-qq", "download", *(package for package, candidate in offered.items() if candidate))
        for package in (self.root / "packages").glob("*.deb"):
            _run(["dpkg-deb", "-x", str(package), str(self.root / "unpacked")])
        place = self.root / "binaries"
        place.mkdir()
        for binary in BINARIES:
            unpacked = self.root / "unpacked/usr/bin" / binary
            if unpacked.is_file():
                unpacked.rename(place / binary)
        version(place, major)
        return place

    def _candidate(self, package: str) -> str:
        """The version of *package* on offer, without epoch; empty if none is."""
        match = re.search(r"Candidate: (?:\d+:)?(\d\S*)", self._call("apt-cache", "policy", package))
        return match[1] if match else ""

    def _call(self, tool: str, *arguments: str) -> str:
        return _run([tool, "-c", str(self.root / "apt.conf"), *arguments], self.root / "packages")


def _move(unpacked: Path, place: Path, major: int) -> None:
    """Make *unpacked* be *place* in one step; what another run put there meanwhile is as good and stays."""
    try:
        unpacked.rename(place)
    except OSError:
        try:
            version(place, major)
        except UnavailableError:
            shutil.rmtree(place)
            unpacked.rename(place)


def _run(command: Sequence[str], where: Path | None = None) -> str:
    """What *command* prints, in C's locale."""
    done = subprocess.run(
        command,
        cwd=where,
        env=os.environ | {"LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
        errors="replace",
    )
    if done.returncode:
        raise UnavailableError(f"{' '.join(command)} failed:\n{done.stdout.strip()}")
    return done.stdout


def main(arguments: Sequence[str]) -> int:
    """Provide both majors under the one folder in *arguments*; 1 if one of them cannot be had."""
    if len(arguments) != 1:
        print(f"usage: python {sys.argv[0]} FOLDER", file=sys.stderr)
        return 2
    exit_code = 0
    for major in SUITES:
        try:
            place, found = provide(major, Path(arguments[0]).absolute(), os.environ)
            print(f"Prometheus {found} in {place}", flush=True)
        except UnavailableError as error:
            print(f"{error}\n{advice(major)}", file=sys.stderr)
            exit_code = 1
    return exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
