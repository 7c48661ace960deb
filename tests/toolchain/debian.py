"""
Programs for the tests, out of Debian's packages, without root and without touching the system.

The mirror is the one that the machine's own apt uses. A private apt, which knows that mirror and Debian's archive
keyring alone, fetches and verifies the packages. What is there already and runs is kept; a folder of one's own, named
by an environment variable, wins.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from toolchain import tree
from toolchain.mirrors import mirrors

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


RECORDED: Final = "version"
"""A file beside what was fetched, with the version of its package: some of Debian's builds do not tell theirs."""
_TOLD: Final = re.compile(r"version (\S+)|-tags-v(\d+\.\d+\.\d+)|^Chromium (\S+)")

_INSTALLED: Final = """\
Package: {}
Status: install ok installed
Architecture: all
Multi-Arch: foreign
Version: 9:9
Maintainer: nobody
Description: what every machine has

"""


class UnavailableError(Exception):
    """Why a program cannot be had, in words for the person who asked for it."""


@dataclass(frozen=True, slots=True)
class Tool:
    """
    Programs that come together.

    Attributes:
        title: what they are called, with the version that they must have: ``Prometheus 2.x``.
        version: how the version of each begins; empty where any will do.
        variable: the environment variable that names a folder of one's own.
        suites: where Debian has them; the first that offers them wins, for Debian's releases move on.
        packages: those that hold them; what a suite does not have is part of another.
        binaries: their names as they are asked for, and as the packages have them.
        data: a folder, as it stands in the binaries, whose files they read; what is fetched reads them from the
            folder that it is started in, since only root could put them there.
        assumed: packages that every machine has the like of; where some are named, what the others depend on is
            fetched too, but for these, and the binaries are paths in the tree that all of them make.
    """

    title: str
    version: str
    variable: str
    suites: tuple[str, ...]
    packages: tuple[str, ...]
    binaries: Mapping[str, str]
    data: str = ""
    assumed: tuple[str, ...] = ()

    @property
    def advice(self) -> str:
        """What to do where they cannot be fetched."""
        return f"set {self.variable} to a folder that holds {self._called(' and '.join(self.binaries))}"

    def _called(self, binary: str) -> str:
        return f"{binary} {self.version}x" if self.version else binary

    def folder(self, cache: Path, environment: Mapping[str, str]) -> Path:
        """Where they are, or would be; in *cache* where no folder of one's own is named."""
        named = environment.get(self.variable)
        return Path(named).absolute() if named else cache

    def found(self, place: Path) -> str:
        """
        The version of what is in *place*.

        Raises:
            UnavailableError: one of them is missing, does not run, or has another version.
        """
        version = ""
        for binary in self.binaries:
            try:
                shown = _run([str(place / binary), "--version"])
            except OSError as error:
                raise UnavailableError(f"no {self._called(binary)} in {place}: {error.strerror}") from error
            version = _version(shown, place)
            if not version or not version.startswith(self.version):
                first = shown.partition("\n")[0]
                raise UnavailableError(f"{place / binary} is not {self._called(binary)}: it calls itself {first!r}")
        return version

    def provide(self, cache: Path, environment: Mapping[str, str]) -> tuple[Path, str]:
        """
        Where they are, and their version; fetched into *cache* first if need be.

        Raises:
            UnavailableError: they are not there and cannot be fetched.
        """
        place = self.folder(cache, environment)
        try:
            return place, self.found(place)
        except UnavailableError:
            if environment.get(self.variable):
                raise
        cache.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f"fetch-{cache.name}-", dir=cache.parent) as scratch:
            self._move(self._fetch(Path(scratch)), place)
        return place, self.found(place)

    def _fetch(self, scratch: Path) -> Path:
        """A folder under *scratch* with the binaries, from the first mirror and suite that have them."""
        missing = [tool for tool in ("apt-get", "apt-cache", "apt-config", "dpkg-deb") if not shutil.which(tool)]
        if missing:
            raise UnavailableError(f"{self.title} comes from Debian's packages, but this machine has no {missing[0]}")
        keyring = next((path for path in KEYRINGS if Path(path).is_file()), None)
        if not keyring:
            raise UnavailableError(f"Debian's packages cannot be verified without its archive keyring, {KEYRINGS[-1]}")
        sources = [(mirror, suite) for mirror in _machine_mirrors() for suite in self.suites]
        told = [f"no {self.title} from Debian's packages:"]
        for number, (mirror, suite) in enumerate(sources):
            print(f"{self.title}: fetching it from Debian {suite} ...", file=sys.stderr, flush=True)
            apt = _PrivateApt(scratch / str(number))
            try:
                # Of the suite only the list of packages is needed, no translations and no icons.
                apt.know(f"deb [signed-by={keyring} target=Packages] {mirror} {suite} main")
                return apt.unpack(self)
            except UnavailableError as error:
                told.append(f"Debian {suite}: {error}")
        raise UnavailableError("\n  ".join(told))

    def _move(self, unpacked: Path, place: Path) -> None:
        """Make *unpacked* be *place* in one step; what another run put there meanwhile is as good and stays."""
        try:
            unpacked.rename(place)
        except OSError:
            try:
                self.found(place)
            except UnavailableError:
                shutil.rmtree(place)
                unpacked.rename(place)


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

    def unpack(self, tool: Tool) -> Path:
        """A folder that holds the binaries of *tool*, which run, and what they need."""
        offered = {package: self._candidate(package) for package in tool.packages}
        first = tool.packages[0]
        if not offered[first].startswith(tool.version):
            raise UnavailableError(f"its {first} is {offered[first] or 'missing'}")
        wanted = [package for package, candidate in offered.items() if candidate]
        self._call("apt-get", "-qq", "download", *(self._all_of(wanted, tool.assumed) if tool.assumed else wanted))
        for package in (self.root / "packages").glob("*.deb"):
            _run(["dpkg-deb", "-x", str(package), str(self.root / "unpacked")])
        place = self.root / "binaries"
        place.mkdir()
        (place / RECORDED).write_text(f"{offered[first]}\n", "utf-8")
        if tool.assumed:
            tree.plant(self.root / "unpacked", place, tool.binaries)
        else:
            for binary, packaged in tool.binaries.items():
                unpacked = self.root / "unpacked/usr/bin" / packaged
                if unpacked.is_file():
                    unpacked.rename(place / binary)
        if tool.data:
            _take_along(self.root / "unpacked" / tool.data.lstrip("/"), tool, place)
        tool.found(place)
        return place

    def _all_of(self, packages: Sequence[str], assumed: Sequence[str]) -> list[str]:
        """*packages* and all that they depend on, as apt finds it where nothing but what is *assumed* is installed."""
        (self.root / "status").write_text("".join(map(_INSTALLED.format, assumed)), "utf-8")
        simulated = self._call("apt-get", "--simulate", "--no-install-recommends", "install", *packages)
        return re.findall(r"^Inst (\S+)", simulated, flags=re.MULTILINE)

    def _candidate(self, package: str) -> str:
        """The version of *package* on offer, without epoch; empty if none is."""
        match = re.search(r"Candidate: (?:\d+:)?(\d\S*)", self._call("apt-cache", "policy", package))
        return match[1] if match else ""

    def _call(self, tool: str, *arguments: str) -> str:
        return _run([tool, "-c", str(self.root / "apt.conf"), *arguments], self.root / "packages")


def _version(shown: str, place: Path) -> str:
    """The version that a binary in *place* has shown; where it shows nothing, that of its package."""
    told, recorded = _TOLD.search(shown), place / RECORDED
    if told:
        return told[told.lastindex or 0]
    return recorded.read_text("utf-8").strip() if not shown.strip() and recorded.is_file() else ""


def _take_along(data: Path, tool: Tool, place: Path) -> None:
    """Put the files of *data* into *place*, whose binaries then read them from where they are started."""
    old, here = tool.data.encode(), b"/proc/self/cwd"
    new = here + b"/." * ((len(old) - len(here)) // 2)
    if len(new) != len(old):
        raise UnavailableError(f"a path of another length cannot stand for {tool.data}")
    for file in data.iterdir():
        if file.is_file():
            file.rename(place / file.name)
    for binary in tool.binaries:
        content = (place / binary).read_bytes()
        (place / binary).write_bytes(content.replace(old, new))


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


def main(tools: Mapping[str, Tool], arguments: Sequence[str]) -> int:
    """Provide each of *tools* in its folder under the one in *arguments*; 1 if one of them cannot be had."""
    if len(arguments) != 1:
        print("usage: python -m toolchain.<module> FOLDER", file=sys.stderr)
        return 2
    exit_code = 0
    for name, tool in tools.items():
        try:
            place, found = tool.provide(Path(arguments[0]).absolute() / name, os.environ)
            print(f"{tool.title.partition(' ')[0]} {found} in {place}", flush=True)
        except UnavailableError as error:
            print(f"{error}\n{tool.advice}", file=sys.stderr)
            exit_code = 1
    return exit_code
