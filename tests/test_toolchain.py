"""The tools that judge slogen's output are the ones they claim to be, and are found in any apt configuration."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from toolchain import debian, debian_alertmanager, debian_chromium, debian_prometheus, debian_victoria, tree
from toolchain.mirrors import mirrors

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def _version(binary: Path) -> str:
    return subprocess.run([binary, "--version"], check=True, capture_output=True, text=True).stdout


def test_the_older_major_is_2(promtool2: Path, prometheus2: Path) -> None:
    assert _version(promtool2).startswith("promtool, version 2.")
    assert _version(prometheus2).startswith("prometheus, version 2.")


def test_the_newer_major_is_3(promtool3: Path, prometheus3: Path) -> None:
    assert _version(promtool3).startswith("promtool, version 3.")
    assert _version(prometheus3).startswith("prometheus, version 3.")


def test_alertmanager_and_its_tool_are_what_they_are_called(amtool: Path, alertmanager: Path) -> None:
    assert _version(amtool).startswith("amtool, version 0.")
    assert "alertmanager, version 0." in _version(alertmanager)


def test_victoriametrics_and_its_evaluator_of_rules_run(victoriametrics: Path, vmalert: Path) -> None:
    for binary, flag in ((victoriametrics, "-retentionPeriod"), (vmalert, "-datasource.url")):
        shown = subprocess.run([binary, "-help"], check=False, capture_output=True, text=True)
        assert flag in shown.stdout + shown.stderr


def test_chromium_is_what_it_is_called(chromium: Path) -> None:
    assert re.match(r"Chromium \d+\.", _version(chromium))


def test_a_program_of_a_tree_finds_the_libraries_in_it_wherever_it_is_moved(tmp_path: Path) -> None:
    unpacked, place = tmp_path / "unpacked", tmp_path / "place"
    for file in ("usr/lib/any/libone.so.1", "usr/lib/any/deeper/libtwo.so", "usr/share/doc/one/copyright"):
        (unpacked / file).parent.mkdir(parents=True, exist_ok=True)
        (unpacked / file).touch()
    (unpacked / "usr/lib/any/program").write_text('#!/bin/sh\nprintf "%s\\n" "$LD_LIBRARY_PATH" "$@"\n', "utf-8")
    (unpacked / "usr/lib/any/program").chmod(0o755)
    place.mkdir()

    tree.plant(unpacked, place, {"called": "usr/lib/any/program"})
    moved = place.rename(tmp_path / "moved to")

    ran = subprocess.run([moved / "called", "an argument"], check=True, capture_output=True, text=True)
    libraries, argument = ran.stdout.splitlines()
    assert libraries.split(":") == [f"{moved}/tree/usr/lib/any", f"{moved}/tree/usr/lib/any/deeper"]
    assert argument == "an argument"
    assert not (moved / "tree/usr/share/doc").exists()


def test_each_major_checks_rules(promtool: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("groups: [{name: one, rules: [{record: 'a:b', expr: sum(up)}]}]\n", "utf-8")

    checked = subprocess.run([promtool, "check", "rules", rules], check=True, capture_output=True, text=True)

    assert "SUCCESS: 1 rules found" in checked.stdout


def test_a_deb822_file_names_its_mirror_but_not_the_one_of_security_updates() -> None:
    text = f"""\
# The archive.
Types: deb deb-src
# An older address.
URIs: https://mirror.example.org/debian/
Suites: trixie trixie-updates
Components: main contrib
Signed-By: {KEYRING}

Types: deb
URIs: https://mirror.example.org/debian-security
Suites: trixie-security
Components: main
Signed-By: {KEYRING}
"""

    assert mirrors([], [text]) == ("https://mirror.example.org/debian",)


def test_a_deb822_field_may_go_over_several_lines_in_any_case() -> None:
    text = (
        "types: deb\nuris:\n https://a.example.org/debian\n https://b.example.org/debian\nsuites: sid\ncomponents: main"
    )

    assert mirrors([], [text]) == ("https://a.example.org/debian", "https://b.example.org/debian")


@pytest.mark.parametrize(
    "field",
    [
        "Enabled: no",
        "Types: deb-src",
        "Components: contrib",
        "Signed-By: /etc/apt/keyrings/other.asc",
        "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF",
    ],
)
def test_a_deb822_entry_that_cannot_be_the_archive_is_passed_over(field: str) -> None:
    fields = {"Types": "deb", "URIs": "https://mirror.example.org/debian", "Suites": "sid", "Components": "main"}
    name, _, value = field.partition(":")

    assert mirrors([], ["\n".join(f"{key}: {text}" for key, text in fields.items())])
    assert not mirrors([], ["\n".join(f"{key}: {text}" for key, text in (fields | {name: value}).items())])


def test_a_one_line_file_names_its_mirror() -> None:
    text = f"""\
deb cdrom:[Debian GNU/Linux 12 _Bookworm_ - Official amd64]/ bookworm main
# deb https://old.example.org/debian bookworm main
deb-src https://source.example.org/debian bookworm main
deb [arch=amd64 signed-by={KEYRING}] https://mirror.example.org/debian bookworm main contrib # ours
deb https://mirror.example.org/debian bookworm-updates main
deb https://mirror.example.org/debian-security bookworm-security main
deb https://old-security.example.org/debian buster/updates main
deb [signed-by=/etc/apt/keyrings/other.asc] https://other.example.org/debian bookworm main
"""

    assert mirrors([text], []) == ("https://mirror.example.org/debian",)


def test_an_archive_that_does_not_call_itself_debian_is_tried_last() -> None:
    text = "deb https://a.example.org/apt stable main\ndeb https://b.example.org/debian stable main\n"

    assert mirrors([text], []) == ("https://b.example.org/debian", "https://a.example.org/apt")


def test_a_folder_of_ones_own_wins(tmp_path: Path) -> None:
    assert debian_prometheus.folder(2, tmp_path, {"PROMETHEUS2_DIR": "/opt/two"}) == Path("/opt/two")
    assert debian_prometheus.folder(3, tmp_path, {"PROMETHEUS2_DIR": "/opt/two"}) == tmp_path / "3"


def test_a_folder_of_ones_own_with_another_major_is_refused(promtool2: Path, tmp_path: Path) -> None:
    environment = {"PROMETHEUS3_DIR": str(promtool2.parent)}

    with pytest.raises(debian_prometheus.UnavailableError, match=r"promtool is not promtool 3\.x: .* version 2\."):
        debian_prometheus.provide(3, tmp_path, environment)


@pytest.mark.parametrize(
    ("module", "advice"),
    [
        ("debian_prometheus", "set PROMETHEUS2_DIR to a folder that holds promtool and prometheus 2.x"),
        ("debian_prometheus", "set PROMETHEUS3_DIR to a folder that holds promtool and prometheus 3.x"),
        ("debian_victoria", "set VICTORIAMETRICS_DIR to a folder that holds victoria-metrics and vmalert 1.x"),
        ("debian_chromium", "set CHROMIUM_DIR to a folder that holds chromium"),
        ("debian_alertmanager", "set ALERTMANAGER_DIR to a folder that holds amtool and alertmanager 0.x"),
    ],
)
def test_a_machine_without_apt_is_told_what_to_set(module: str, advice: str, tmp_path: Path) -> None:
    variables = ("PROMETHEUS2_DIR", "PROMETHEUS3_DIR", "ALERTMANAGER_DIR", "VICTORIAMETRICS_DIR", "CHROMIUM_DIR")
    unset = {"PATH": str(tmp_path)} | dict.fromkeys(variables, "")

    told = subprocess.run(
        [sys.executable, "-m", f"toolchain.{module}", tmp_path / "cache"],
        env=os.environ | unset | {"PYTHONPATH": str(Path(__file__).parent)},
        check=False,
        capture_output=True,
        text=True,
    )

    assert told.returncode == 1
    assert "this machine has no apt-get" in told.stderr
    assert advice in told.stderr
    assert not list((tmp_path / "cache").iterdir())


def test_any_version_of_chromium_will_do_but_not_something_else(tmp_path: Path) -> None:
    browser = tmp_path / "chromium"
    browser.write_text("#!/bin/sh\necho Chromium 200.0.1 built on Debian\n", "utf-8")
    browser.chmod(0o755)
    assert debian_chromium.TOOL.found(tmp_path) == "200.0.1"

    browser.write_text("#!/bin/sh\necho Navigator 4\n", "utf-8")
    with pytest.raises(debian.UnavailableError, match="chromium is not chromium: it calls itself 'Navigator 4'"):
        debian_chromium.TOOL.found(tmp_path)


def test_what_calls_itself_something_else_is_refused(tmp_path: Path) -> None:
    for name in debian_alertmanager.TOOL.binaries:
        (tmp_path / name).write_text(f"#!/bin/sh\necho {name}, version 1.0.0\n", "utf-8")
        (tmp_path / name).chmod(0o755)

    with pytest.raises(debian.UnavailableError, match=r"amtool is not amtool 0\.x: it calls itself 'amtool, version 1"):
        debian_alertmanager.TOOL.found(tmp_path)


@pytest.mark.parametrize(
    ("shown", "recorded", "found"),
    [
        ("vmalert-20260801-120000-tags-v1.145.0-0-gabcdef", "", "1.145.0"),
        ("", "1.145.0+ds1-2", "1.145.0+ds1-2"),
    ],
)
def test_the_version_is_the_one_shown_and_where_none_is_that_of_the_package(
    shown: str, recorded: str, found: str, tmp_path: Path
) -> None:
    _victoria(tmp_path, shown, recorded)

    assert debian_victoria.TOOL.found(tmp_path) == found


@pytest.mark.parametrize(("shown", "recorded"), [("", ""), ("", "2.0.0"), ("usage: vmalert", "1.145.0")])
def test_what_shows_no_version_and_is_of_no_known_package_is_refused(shown: str, recorded: str, tmp_path: Path) -> None:
    _victoria(tmp_path, shown, recorded)

    with pytest.raises(debian.UnavailableError, match=r"is not victoria-metrics 1\.x"):
        debian_victoria.TOOL.found(tmp_path)


def _victoria(folder: Path, shown: str, recorded: str) -> None:
    """Binaries that show so much as their version, with what is recorded of their package."""
    for name in debian_victoria.BINARIES:
        (folder / name).write_text(f"#!/bin/sh\necho '{shown}'\n", "utf-8")
        (folder / name).chmod(0o755)
    if recorded:
        (folder / debian.RECORDED).write_text(recorded, "utf-8")
