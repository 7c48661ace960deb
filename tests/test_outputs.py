"""Where slogen reads from and writes to need not be a file, nor be its own."""

import os
import subprocess
from pathlib import Path

import pytest

from command import environment, executable, slogen
from slogen.cli import COMMANDS

SLO = "apiVersion: slogen/v1\nservice: {0}\nslos:\n  - {{name: a, objective: 99.9, sli: {{probe: {{gauge: up}}}}}}\n"


def project(folder: Path, *services: str) -> Path:
    (folder / "slos").mkdir(parents=True)
    (folder / "slogen.yaml").write_text("targets: [prometheus]\n", "utf-8")
    for service in services:
        (folder / f"slos/{service}.yaml").write_text(SLO.format(service), "utf-8")
    return folder


def generated(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "prometheus").iterdir())


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    root = project(tmp_path, "shop")
    os.mkfifo(root / "slos/pipe.yaml")

    for path in ("slos/pipe.yaml", "slos"):
        done = slogen("compile", path, cwd=root)

        assert (done.returncode, done.stderr) == (2, "Error: slos/pipe.yaml cannot be read: it is no regular file\n")


def test_a_device_is_refused(tmp_path: Path) -> None:
    done = slogen("compile", "/dev/zero", cwd=tmp_path)

    assert done.returncode == 2
    assert done.stderr.endswith("zero cannot be read: it is no regular file\n")


def test_a_link_to_a_file_is_read(tmp_path: Path) -> None:
    root = project(tmp_path, "shop")
    (root / "slos/shop.yaml").rename(root / "elsewhere")
    (root / "slos/shop.yaml").symlink_to("../elsewhere")

    assert slogen("compile", cwd=root).returncode == 0


@pytest.mark.parametrize("command", ["compile --stdout", "compile --format json", "schema", "presets", "--help"])
def test_an_output_that_cannot_be_written_is_told_without_a_traceback(command: str, tmp_path: Path) -> None:
    root = project(tmp_path, "shop")
    script = f"{executable()} {command} > /dev/full"

    # A shell of its own opens the device.
    done = slogen_in_shell(script, root)

    assert done == (2, "Error: the output cannot be written: No space left on device\n")


def slogen_in_shell(script: str, cwd: Path) -> tuple[int, str]:
    done = subprocess.run(
        ["sh", "-c", script], cwd=cwd, env=environment(), check=False, capture_output=True, text=True, timeout=30
    )
    return done.returncode, done.stderr


def test_only_a_file_that_has_a_name_of_slogen_s_is_removed(tmp_path: Path) -> None:
    root = project(tmp_path, "shop", "gone")
    slogen("compile", cwd=root)
    rules = root / "generated/prometheus"
    (rules / "gone.rules.yaml.bak").write_bytes((rules / "gone.rules.yaml").read_bytes())
    (rules / "Copy of gone.yaml").write_bytes((rules / "gone.rules.yaml").read_bytes())
    (rules / "linked.rules.yaml").symlink_to("gone.rules.yaml.bak")
    (root / "slos/gone.yaml").unlink()

    assert slogen("compile", cwd=root).returncode == 0

    assert generated(root / "generated") == [
        "Copy of gone.yaml",
        "gone.rules.yaml.bak",
        "linked.rules.yaml",
        "shop.rules.yaml",
    ]


def test_two_projects_that_write_to_one_folder_leave_each_other_alone(tmp_path: Path) -> None:
    first, second, out = project(tmp_path / "a", "shop"), project(tmp_path / "b", "bank", "gone"), tmp_path / "out"
    for root in (first, second):
        assert slogen("compile", "--out", out, cwd=root).returncode == 0
    (second / "slos/gone.yaml").unlink()

    done = slogen("compile", "--out", out, cwd=second)

    assert generated(out) == ["bank.rules.yaml", "gone.rules.yaml", "shop.rules.yaml"]
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == [
        "left prometheus/gone.rules.yaml",
        "left prometheus/shop.rules.yaml",
        "1 file",
    ]
    assert slogen("compile", "--check", "--out", out, cwd=second).returncode == 0


def test_a_folder_of_the_project_s_own_is_kept_clean(tmp_path: Path) -> None:
    root = project(tmp_path, "shop", "gone")
    slogen("compile", "--out", "deploy/rules", cwd=root)
    (root / "slos/gone.yaml").unlink()

    assert slogen("compile", "--out", "deploy/rules", cwd=root).returncode == 0

    assert generated(root / "deploy/rules") == ["shop.rules.yaml"]


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_the_help_of_every_command_reads_well_in_80_columns(command: str, tmp_path: Path) -> None:
    done = slogen(*command.split(), "--help", cwd=tmp_path, env={"COLUMNS": "200"})

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()
    assert all(char.isprintable() or char == "\n" for char in done.stdout)
    assert "\\" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
