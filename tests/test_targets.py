"""What is generated for a service: what was asked for, else what its file says, else what the organisation says."""

from pathlib import Path

import pytest
from click.testing import CliRunner

import slogen
from slogen.cli import cli

FILE = """
apiVersion: slogen/v1
service: {name}
{targets}
slos:
  - name: up
    objective: 99.9
    sli: {{availability: {{preset: http, with: {{job: {name}}}}}}}
"""
FILES = {
    "slos/usual.yaml": FILE.format(name="usual", targets=""),
    "slos/own.yaml": FILE.format(name="own", targets="targets: [terraform]"),
}
ORGANISATION = ("slogen.yaml", "targets: [prometheus]\ncloud_monitoring: {project: shop-prod}")


def written(*asked: str) -> list[str]:
    artifacts = slogen.compile(FILES, organisation=ORGANISATION, targets=asked or None).artifacts
    return sorted(artifact.path for artifact in artifacts)


def test_a_file_says_what_is_generated_for_it() -> None:
    assert written() == ["prometheus/usual.rules.yaml", "terraform/own.tf.json"]


def test_what_is_asked_for_is_generated_for_every_file() -> None:
    assert written("prometheus") == ["prometheus/own.rules.yaml", "prometheus/usual.rules.yaml"]
    assert written("terraform") == ["terraform/own.tf.json", "terraform/usual.tf.json"]


def test_a_target_that_a_file_no_longer_names_loses_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "slos/own.yaml"
    file.parent.mkdir()
    (tmp_path / "slogen.yaml").write_text(ORGANISATION[1])

    for targets, expected in (
        ("targets: [terraform, prometheus]", {"terraform/own.tf.json", "prometheus/own.rules.yaml"}),
        ("targets: [terraform]", {"terraform/own.tf.json"}),
        ("", {"prometheus/own.rules.yaml"}),
    ):
        file.write_text(FILE.format(name="own", targets=targets))
        result = CliRunner().invoke(cli, ["compile", "slos"])
        assert result.exit_code == 0, result.output
        found = {path.relative_to(tmp_path / "generated").as_posix() for path in (tmp_path / "generated").rglob("*.*")}
        assert {path for path in found if not path.endswith("MANIFEST.yaml")} == expected
        assert ("terraform/MANIFEST.yaml" in found) == ("terraform" in targets)


def test_what_there_is_to_say_of_a_target_is_said_where_nothing_is_to_be_emitted() -> None:
    files = {"slos/run.yaml": CLOUD}

    whole, said = (slogen.compile(files, targets=["prometheus"], emit=emit) for emit in (True, False))

    assert whole.artifacts
    assert said == whole._replace(artifacts=())
    assert [one.code for one in said.warnings] == ["prometheus-skips"]


CLOUD = """
apiVersion: slogen/v1
service: run
slos:
  - name: there
    objective: 99.9
    sli: {availability: {preset: gcp-cloud-run, with: {service_name: checkout, location: europe-west1}}}
  - name: here
    objective: 99.9
    sli: {availability: {preset: http, with: {job: checkout}}}
"""
