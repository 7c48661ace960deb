"""JSON cannot say who wrote it: a manifest beside it does, and slogen removes only what it lists."""

from pathlib import Path

import pytest

from command import slogen
from slogen import manifest

MANIFEST = "generated/cloud-monitoring/MANIFEST.yaml"
SERVICE = """\
apiVersion: slogen/v1
service: NAME
slos:
  - {name: SLO, objective: 99.9, sli: {availability: {total: a_total, bad: b_total}}}
"""


def put(folder: Path, name: str, slo: str = "good") -> None:
    (folder / "slos").mkdir(exist_ok=True)
    (folder / f"slos/{name}.yaml").write_text(SERVICE.replace("NAME", name).replace("SLO", slo), "utf-8")


def listed(folder: Path) -> dict[str, str]:
    return manifest.read((folder / MANIFEST).read_text("utf-8"))


def there(folder: Path) -> set[str]:
    top = folder / "generated/cloud-monitoring"
    return {path.relative_to(top).as_posix() for path in top.rglob("*.json")}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "slogen.yaml").write_text(
        "targets: [cloud-monitoring]\ncloud_monitoring: {project: shop-prod}\n", "utf-8"
    )
    put(tmp_path, "a")
    put(tmp_path, "b")
    assert slogen("compile", cwd=tmp_path).returncode == 0
    return tmp_path


def test_every_document_is_listed_with_its_source(project: Path) -> None:
    assert set(listed(project)) == there(project)
    assert listed(project)["a/good.slo.json"] == "slos/a.yaml"
    assert len(there(project)) == 12


def test_a_run_for_one_file_keeps_what_is_listed_of_the_others(project: Path) -> None:
    put(project, "a", "better")

    assert slogen("compile", "slos/a.yaml", cwd=project).returncode == 0
    assert set(listed(project)) == there(project)
    assert "a/better.slo.json" in there(project)
    assert "a/good.slo.json" not in there(project)
    assert "b/good.slo.json" in there(project)


def test_what_nothing_yields_any_more_goes_and_the_empty_manifest_with_it(project: Path) -> None:
    (project / "slogen.yaml").write_text("targets: [prometheus]\n", "utf-8")

    assert slogen("compile", cwd=project).returncode == 0
    assert not (project / "generated/cloud-monitoring").exists()


def test_a_second_run_changes_nothing_and_a_check_agrees(project: Path) -> None:
    before = (project / MANIFEST).stat().st_mtime_ns

    assert slogen("compile", cwd=project).returncode == 0
    assert (project / MANIFEST).stat().st_mtime_ns == before
    assert slogen("compile", "--check", cwd=project).returncode == 0


def test_a_check_tells_of_a_manifest_that_would_change(project: Path) -> None:
    put(project, "c")

    result = slogen("compile", "--check", cwd=project)

    assert result.returncode == 1
    assert "would write cloud-monitoring/MANIFEST.yaml" in result.stderr
    assert "c/service.json" not in there(project)


def test_a_document_that_is_not_listed_is_not_overwritten(project: Path) -> None:
    put(project, "c")
    foreign = project / "generated/cloud-monitoring/c/service.json"
    foreign.parent.mkdir()
    foreign.write_text("{}\n", "utf-8")

    result = slogen("compile", cwd=project)

    assert result.returncode == 2
    assert "was not written by slogen" in result.stderr
    assert foreign.read_text("utf-8") == "{}\n"


def test_a_listed_document_that_somebody_changed_is_written_anew(project: Path) -> None:
    document = project / "generated/cloud-monitoring/a/service.json"
    document.write_text("{}\n", "utf-8")

    assert slogen("compile", cwd=project).returncode == 0
    assert document.read_text("utf-8") != "{}\n"


@pytest.mark.parametrize("path", ["../../slos/a.yaml", "/etc/hostname", "a/../../x", "a//x", "./x", "a\\\\x", "C:x"])
def test_a_path_that_leads_out_of_the_folder_is_none(path: str) -> None:
    with pytest.raises(ValueError, match="line 2 names a file in another folder"):
        manifest.read(f'"a/..b/x.json": "slos/a.yaml"\n"{path}": "slos/a.yaml"\n')


def test_a_manifest_that_leads_out_of_its_folder_is_refused(project: Path) -> None:
    with (project / MANIFEST).open("a", encoding="utf-8") as file:
        file.write('"../../slos/a.yaml": "slos/a.yaml"\n')

    result = slogen("compile", cwd=project)

    assert result.returncode == 2
    assert "line 14 names a file in another folder" in result.stderr
    assert (project / "slos/a.yaml").exists()


def test_a_link_out_of_the_folder_is_not_followed_to_what_it_lists(project: Path) -> None:
    (project / "kept").mkdir()
    (project / "kept/x.json").write_text("{}\n", "utf-8")
    (project / "generated/cloud-monitoring/link").symlink_to(project / "kept")
    with (project / MANIFEST).open("a", encoding="utf-8") as file:
        file.write('"link/x.json": "slos/a.yaml"\n')

    assert slogen("compile", cwd=project).returncode == 0
    assert (project / "kept/x.json").exists()
    assert "link/x.json" not in listed(project)


def test_a_manifest_with_the_marks_of_a_merge_is_refused_in_words(project: Path) -> None:
    text = (project / MANIFEST).read_text("utf-8")
    (project / MANIFEST).write_text(text + "<<<<<<< HEAD\n", "utf-8")

    result = slogen("compile", cwd=project)

    assert result.returncode == 2
    assert "MANIFEST.yaml is not as slogen writes it: line 14" in result.stderr
    assert "Traceback" not in result.stderr


def test_what_was_written_is_read_as_it_was() -> None:
    entries = {'a/ü "x".json': "slos/a b.yaml", "b.json": "slos/ñ.yaml"}

    assert manifest.read(manifest.written(entries)) == entries
