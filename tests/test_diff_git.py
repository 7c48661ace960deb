"""slogen diff in real git repositories, which the tests make."""

import json
import os
import pty
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from command import environment, executable, slogen
from slogen import revisions
from slogen.files import FilesError

SLOS = """\
apiVersion: slogen/v1
service: {service}
slos:
  - name: availability
    objective: {objective}
    sli:
      availability:
        total: requests_total{{job="{service}"}}
        bad: requests_total{{job="{service}",code=~"5.."}}
"""
OURS = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@b.example",
}
OURS |= {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b.example"}


def slos(service: str = "shop", objective: str = "99.9") -> str:
    return SLOS.format(service=service, objective=objective)


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env={**os.environ, **OURS}, check=True, capture_output=True, encoding="utf-8"
    )
    return done.stdout.strip()


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def commit(folder: Path, message: str = "change") -> str:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with two services on ``main``, what they compile to beside them."""
    folder = tmp_path_factory.mktemp("made")
    write(folder, {"slogen.yaml": "targets: [prometheus]\n", "slos/shop.yaml": slos(), "slos/cart.yaml": slos("cart")})
    git(folder, "init", "--quiet", "--initial-branch", "main")
    compiled(folder)
    return folder


@pytest.fixture
def repo(made: Path, tmp_path: Path) -> Path:
    """The same, to do with as one likes."""
    return shutil.copytree(made, tmp_path / "repo")


def compiled(folder: Path) -> str:
    """What SLO files compile to is committed with them."""
    assert slogen("compile", cwd=folder).returncode == 0
    return commit(folder)


def diff(folder: Path, *arguments: str, code: int = 1) -> dict[str, Any]:
    done = slogen("diff", *arguments, "--format", "json", cwd=folder)
    assert done.returncode == code, done.stderr
    data: dict[str, Any] = json.loads(done.stdout)
    return data


def changed(data: dict[str, Any]) -> dict[str, str]:
    return {slo["id"]: slo["change"] for slo in data["slos"]}


def test_the_work_tree_is_compared_to_a_revision_and_neither_is_touched(repo: Path) -> None:
    write(repo, {"slos/shop.yaml": slos(objective="99.95")})
    before = {path: path.stat().st_mtime_ns for path in repo.rglob("*")}

    done = slogen("diff", "--against", "HEAD", cwd=repo)

    assert done.returncode == 1
    assert "  * objective 99.9 % -> 99.95 %, budget 43m12s -> 21m36s per 30d" in done.stdout.splitlines()
    assert "slos/shop.yaml:4:5" in done.stdout
    assert done.stderr == ""
    assert {path: path.stat().st_mtime_ns for path in repo.rglob("*")} == before


def test_nothing_differs_right_after_a_commit(repo: Path) -> None:
    done = slogen("diff", "--against", "main", cwd=repo)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "SLOs: 2 the same"


def test_differences_may_be_told_with_exit_0(repo: Path) -> None:
    write(repo, {"slos/shop.yaml": slos(objective="99.95")})

    assert changed(diff(repo, "--against", "HEAD", "--exit-zero", code=0)) == {"shop-availability": "changed"}


def test_a_branch_means_where_this_one_left_it_and_exact_means_its_tip(repo: Path) -> None:
    git(repo, "switch", "--quiet", "--create", "feature")
    write(repo, {"slos/shop.yaml": slos(objective="99.95")})
    commit(repo)
    git(repo, "switch", "--quiet", "main")
    write(repo, {"slos/cart.yaml": slos("cart", "99.5")})
    commit(repo)
    git(repo, "switch", "--quiet", "feature")

    data = diff(repo, "--against", "main")
    assert changed(data) == {"shop-availability": "changed"}
    assert data["before"].startswith("merge base of main and HEAD (")
    assert changed(diff(repo, "--against", "main", "--exact")) == {
        "shop-availability": "changed",
        "cart-availability": "changed",
    }


def test_what_main_brought_by_a_merge_is_no_change_of_the_branch(repo: Path) -> None:
    git(repo, "switch", "--quiet", "--create", "feature")
    write(repo, {"slos/new.yaml": slos("new")})
    commit(repo)
    git(repo, "switch", "--quiet", "main")
    write(repo, {"slos/cart.yaml": slos("cart", "99.5")})
    compiled(repo)
    git(repo, "switch", "--quiet", "feature")
    git(repo, "merge", "--quiet", "--no-edit", "main")

    assert changed(diff(repo, "--against", "main")) == {"new-availability": "added"}


def test_a_detached_head_is_compared_as_well(repo: Path) -> None:
    write(repo, {"slos/shop.yaml": slos(objective="99.95")})
    compiled(repo)
    git(repo, "switch", "--quiet", "--detach", "HEAD")

    assert changed(diff(repo, "--against", "HEAD~1")) == {"shop-availability": "changed"}
    assert changed(diff(repo, "--against", "HEAD", code=0)) == {}


def test_a_shallow_clone_says_how_to_fetch_more(repo: Path, tmp_path: Path) -> None:
    write(repo, {"slos/shop.yaml": slos(objective="99.95")})
    commit(repo)
    git(tmp_path, "clone", "--quiet", "--depth", "1", repo.as_uri(), "shallow")

    done = slogen("diff", "--against", "HEAD~1", cwd=tmp_path / "shallow")

    assert done.returncode == 2
    for words in ("'HEAD~1' is no revision", "shallow", "fetch-depth: 0", "GIT_DEPTH: 0", "git fetch --unshallow"):
        assert words in done.stderr
    git(tmp_path / "shallow", "fetch", "--quiet", "--unshallow")
    assert changed(diff(tmp_path / "shallow", "--against", "HEAD~1")) == {"shop-availability": "changed"}


def test_a_shallow_clone_without_the_merge_base_says_how_to_fetch_more(repo: Path, tmp_path: Path) -> None:
    git(repo, "switch", "--quiet", "--create", "feature")
    write(repo, {"slos/shop.yaml": slos(objective="99.95")})
    commit(repo)
    git(repo, "switch", "--quiet", "main")
    write(repo, {"slos/cart.yaml": slos("cart", "99.5")})
    commit(repo)
    git(tmp_path, "clone", "--quiet", "--depth", "1", "--branch", "feature", repo.as_uri(), "shallow")
    git(tmp_path / "shallow", "fetch", "--quiet", "--depth", "1", "origin", "main:main")

    done = slogen("diff", "--against", "main", cwd=tmp_path / "shallow")

    assert done.returncode == 2
    assert "no common ancestor; this clone is shallow" in done.stderr
    assert "fetch-depth: 0" in done.stderr
    assert diff(tmp_path / "shallow", "--against", "main", "--exact")["changed"]


def test_histories_without_a_common_ancestor_are_compared_with_exact_alone(repo: Path) -> None:
    git(repo, "switch", "--quiet", "--orphan", "other")
    write(repo, {"slogen.yaml": "targets: [prometheus]\n", "slos/shop.yaml": slos(objective="99.95")})
    commit(repo)

    done = slogen("diff", "--against", "main", cwd=repo)

    assert (done.returncode, "--exact compares to 'main' itself" in done.stderr) == (2, True)
    assert "shallow" not in done.stderr
    assert changed(diff(repo, "--against", "main", "--exact"))["shop-availability"] == "changed"


def test_a_file_that_moved_is_no_change_and_a_deleted_one_takes_its_slos_along(repo: Path) -> None:
    (repo / "slos/teams").mkdir()
    git(repo, "mv", "slos/shop.yaml", "slos/teams/web.yaml")
    assert changed(diff(repo, "--against", "HEAD", code=0)) == {}

    (repo / "slos/cart.yaml").unlink()
    assert changed(diff(repo, "--against", "HEAD")) == {"cart-availability": "removed"}


def test_a_folder_that_is_gone_takes_all_of_its_slos_along(repo: Path) -> None:
    git(repo, "rm", "--quiet", "-r", "slos")
    assert not (repo / "slos").exists()

    assert changed(diff(repo, "--against", "HEAD")) == {
        "shop-availability": "removed",
        "cart-availability": "removed",
    }


def test_a_folder_that_is_on_neither_side_is_a_wrong_call(repo: Path) -> None:
    done = slogen("diff", "nothing", "--against", "HEAD", cwd=repo)

    assert done.returncode == 2
    assert "no SLO file" in done.stderr


def test_only_what_lies_under_the_given_paths_is_compared(repo: Path) -> None:
    write(repo, {"slos/shop.yaml": slos(objective="99.95"), "slos/cart.yaml": slos("cart", "99.5")})

    assert changed(diff(repo, "slos/cart.yaml", "--against", "HEAD")) == {"cart-availability": "changed"}
    assert changed(diff(repo / "slos", "cart.yaml", "--against", "HEAD")) == {"cart-availability": "changed"}


def test_names_with_spaces_and_other_letters_are_read(repo: Path) -> None:
    name = "slos/Kasse - 決済 'a' \"b\".yaml"
    write(repo, {name: slos("pay")})
    commit(repo)
    write(repo, {name: slos("pay", "99.95")})

    data = diff(repo, "--against", "HEAD")

    assert changed(data) == {"pay-availability": "changed"}
    assert data["slos"][0]["place"]["file"] == name


def test_other_ends_of_lines_are_no_change(repo: Path) -> None:
    write(repo, {"slos/shop.yaml": slos().replace("\n", "\r\n")})
    assert changed(diff(repo, "--against", "HEAD", code=0)) == {}

    write(repo, {"slos/shop.yaml": slos(objective="99.95").replace("\n", "\r\n")})
    assert changed(diff(repo, "--against", "HEAD")) == {"shop-availability": "changed"}


def test_a_link_to_a_file_is_read_as_what_it_names(repo: Path) -> None:
    write(repo, {"shared/pay.yaml": slos("pay")})
    (repo / "slos/pay.yaml").symlink_to("../shared/pay.yaml")
    compiled(repo)
    assert changed(diff(repo, "--against", "HEAD", code=0)) == {}

    write(repo, {"shared/pay.yaml": slos("pay", "99.95")})
    assert changed(diff(repo, "--against", "HEAD")) == {"pay-availability": "changed"}


def test_hidden_excluded_and_foreign_files_of_a_revision_are_none_of_its_slos(repo: Path) -> None:
    write(repo, {"slogen.yaml": "targets: [prometheus]\nexclude: [slos/drafts/*]\n"})
    write(repo, {"slos/.hidden.yaml": "no: SLOs\n", "slos/drafts/a.yaml": "no: SLOs\n", "slos/readme.txt": "no SLOs\n"})
    commit(repo)

    data = diff(repo, "--against", "HEAD", code=0)

    assert (changed(data), data["notes"]) == ({}, [])


def test_slogen_yaml_and_templates_are_those_of_the_same_side(repo: Path) -> None:
    write(
        repo,
        {"slogen.yaml": "targets: [prometheus]\ntemplates: ours\n", "ours/alert/burn_summary.txt.j2": "It burns\n"},
    )
    assert slogen("compile", cwd=repo).returncode == 0
    commit(repo)
    assert changed(diff(repo, "--against", "HEAD", code=0)) == {}

    write(repo, {"ours/alert/burn_summary.txt.j2": "It is on fire\n"})
    rules = [rule for rule in diff(repo, "--against", "HEAD")["rules"] if rule["kind"] == "alert"]
    assert {(field["name"], field["before"], field["after"]) for rule in rules for field in rule["fields"]} == {
        ("annotations.summary", "It burns", "It is on fire")
    }

    write(
        repo,
        {
            "ours/alert/burn_summary.txt.j2": "It burns\n",
            "slogen.yaml": "targets: [prometheus]\ntemplates: ours\nwindow: 28d\n",
        },
    )
    codes = {term["code"] for slo in diff(repo, "--against", "HEAD")["slos"] for term in slo["terms"]}
    assert {"window", "threshold"} <= codes


def test_a_slogen_that_writes_otherwise_than_what_is_committed_is_told(repo: Path) -> None:
    rules = repo / "generated/prometheus/shop.rules.yaml"
    rules.write_text(rules.read_text("utf-8").replace('interval: "30s"', 'interval: "15s"'), "utf-8")
    commit(repo)

    data = diff(repo, "--against", "HEAD")

    assert [note["code"] for note in data["notes"]] == ["slogen-changed"]
    assert "1 of 2 generated file is" in data["notes"][0]["message"]
    assert [(group["name"], group["fields"]) for group in data["groups"]] == [
        ("slogen-shop-fast", [{"name": "interval", "before": "15s", "after": "30s"}])
    ]


def test_where_nothing_generated_is_committed_nothing_is_said_of_it(repo: Path) -> None:
    git(repo, "rm", "--quiet", "-r", "generated")
    commit(repo)

    data = diff(repo, "--against", "HEAD", code=0)

    assert data["notes"] == []


def test_a_file_that_does_not_compile_any_more_is_known_by_what_it_was_compiled_to(repo: Path) -> None:
    write(repo, {"slos/shop.yaml": slos().replace("objective: 99.9", "objectiv: 99.9")})
    commit(repo)
    write(repo, {"slos/shop.yaml": slos(objective="99.95")})

    data = diff(repo, "--against", "HEAD")

    assert {note["code"] for note in data["notes"]} == {"does-not-compile"}
    (slo,) = data["slos"]
    assert (slo["id"], slo["change"]) == ("shop-availability", "changed")
    assert slo["terms"][0]["message"] == "objective 99.9 % -> 99.95 %, budget 43m12s -> 21m36s per 30d"


def test_an_old_slogen_yaml_that_is_wrong_does_not_hide_what_was_committed(repo: Path) -> None:
    write(repo, {"slogen.yaml": "target: [prometheus]\n"})
    commit(repo)
    write(repo, {"slogen.yaml": "targets: [prometheus]\n", "slos/shop.yaml": slos(objective="99.95")})

    data = diff(repo, "--against", "HEAD")

    assert changed(data) == {"shop-availability": "changed"}
    assert data["unchanged_slos"] == 1


def test_check_says_of_a_target_that_is_new_only_that_its_files_are(repo: Path) -> None:
    write(repo, {"slogen.yaml": "targets: [prometheus, thanos]\n"})

    done = slogen("compile", "--check", "--format", "json", cwd=repo)

    assert done.returncode == 1
    data = json.loads(done.stdout)["diff"]
    assert (data["slos"], data["rules"]) == ([], [])
    assert [file["path"] for file in data["files"]] == [
        "generated/thanos/cart.rules.yaml",
        "generated/thanos/shop.rules.yaml",
    ]


def test_a_template_that_cannot_be_filled_is_told_on_either_side(repo: Path) -> None:
    write(repo, {"slogen.yaml": "targets: [prometheus]\ntemplates: ours\n"})
    write(repo, {"ours/alert/burn_summary.txt.j2": "It [% burns\n"})
    commit(repo)

    done = slogen("diff", "--against", "HEAD", cwd=repo)
    assert (done.returncode, done.stdout) == (2, "")
    assert "ours/alert/burn_summary.txt.j2:1:1: error: the template cannot be filled" in done.stderr

    write(repo, {"slogen.yaml": "targets: [prometheus]\n"})
    data = diff(repo, "--against", "HEAD", code=0)
    assert [note["code"] for note in data["notes"]] == ["does-not-compile"]
    assert data["unchanged_slos"] == 2


def test_a_new_side_that_does_not_compile_is_refused_with_all_its_mistakes(repo: Path) -> None:
    write(repo, {"slos/shop.yaml": slos().replace("objective: 99.9", "objectiv: 99.9")})

    done = slogen("diff", "--against", "HEAD", cwd=repo)

    assert (done.returncode, done.stdout) == (2, "")
    assert "slos/shop.yaml:5:5: error: unknown key 'objectiv'" in done.stderr


def test_a_word_that_is_a_revision_and_a_folder_needs_to_say_which(repo: Path) -> None:
    write(repo, {"main/shop.yaml": slos(objective="99.5")})
    (repo / "main/slogen.yaml").write_text("targets: [prometheus]\n", "utf-8")

    done = slogen("diff", "--against", "main", cwd=repo)

    assert done.returncode == 2
    assert "write rev:main or dir:main" in done.stderr
    assert changed(diff(repo, "--against", "rev:main", code=0)) == {}
    assert changed(diff(repo, "slos/shop.yaml", "--against", "dir:main")) == {"shop-availability": "changed"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "name one old side"),
        (("--against", "HEAD", "--against-prometheus", "http://localhost:1"), "name one old side"),
        (("--against", "nothing"), "'nothing' is no revision of this repository"),
        (("--against", "--output=x"), "is no revision"),
        (("--against", "rev:--output=x"), "is no revision"),
        (("--against", "dir:nothing"), "nothing does not exist"),
        (("--against", ""), "--against names nothing"),
        (("--against", "HEAD", "--timeout", "nan"), "Invalid value for '--timeout'"),
        (("--against", "HEAD", "--timeout", "inf"), "Invalid value for '--timeout'"),
        (("--against", "dir:"), "--against names nothing"),
        (("--against", "HEAD:slos"), "is no revision"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(repo: Path, arguments: tuple[str, ...], told: str) -> None:
    done = slogen("diff", *arguments, cwd=repo)

    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (repo / "x").exists()


def test_outside_of_a_repository_a_revision_is_refused_and_a_folder_compared(tmp_path: Path) -> None:
    config = "targets: [prometheus]\n"
    write(tmp_path, {"old/slos/a.yaml": slos(), "old/slogen.yaml": config, "new/slos/a.yaml": slos(objective="99.95")})
    write(tmp_path, {"new/slogen.yaml": config})

    done = slogen("diff", "--against", "HEAD", cwd=tmp_path / "new")

    assert (done.returncode, "git: not a git repository" in done.stderr) == (2, True)
    assert changed(diff(tmp_path / "new", "--against", "../old/slos")) == {"shop-availability": "changed"}


def test_what_is_generated_for_the_new_side_is_none_of_an_old_folder_elsewhere(repo: Path, tmp_path: Path) -> None:
    for folder in ("slos", "whole/slos"):
        write(tmp_path / "old", {f"{folder}/shop.yaml": slos(objective="99.5"), f"{folder}/cart.yaml": slos("cart")})
    (tmp_path / "empty").mkdir()

    for old in ("old/slos", "old/whole"):
        data = diff(repo, "--against", str(tmp_path / old))
        assert changed(data) == {"shop-availability": "changed"}
        assert "slogen-changed" not in {note["code"] for note in data["notes"]}
    assert set(changed(diff(repo, "--against", str(tmp_path / "empty"))).values()) == {"added"}


def test_a_project_deep_in_a_repository_has_places_from_its_root(tmp_path: Path) -> None:
    write(tmp_path, {"deep/er/slogen.yaml": "targets: [prometheus]\n", "deep/er/slos/shop.yaml": slos()})
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    write(tmp_path, {"deep/er/slos/shop.yaml": slos(objective="99.95")})

    data = diff(tmp_path / "deep/er", "--against", "HEAD")

    assert data["slos"][0]["place"]["file"] == "deep/er/slos/shop.yaml"
    assert {rule["after"]["file"] for rule in data["rules"]} == {"deep/er/generated/prometheus/shop.rules.yaml"}


def test_a_work_tree_beside_another_is_compared_too(repo: Path, tmp_path: Path) -> None:
    git(repo, "worktree", "add", "--quiet", "--detach", str(tmp_path / "beside"))
    write(tmp_path / "beside", {"slos/shop.yaml": slos(objective="99.95")})

    assert changed(diff(tmp_path / "beside", "--against", "main")) == {"shop-availability": "changed"}


def test_rule_files_that_anybody_wrote_are_compared_to_a_revision(repo: Path) -> None:
    rules = "groups:\n- name: a\n  rules:\n  - {{alert: Down, expr: up == 0, for: {wait}}}\n"
    write(repo, {"rules/a.yaml": rules.format(wait="5m")})
    commit(repo)
    write(repo, {"rules/a.yaml": rules.format(wait="10m")})

    (rule,) = diff(repo, "rules", "--against", "HEAD")["rules"]

    assert rule["fields"] == [{"name": "for", "before": "5m", "after": "10m"}]
    assert rule["after"]["file"] == "rules/a.yaml"
    write(repo, {"rules/a.yaml": rules.format(wait="300s")})
    assert not diff(repo, "rules", "--against", "HEAD", code=0)["changed"]


def test_slos_are_compared_to_rule_files_and_to_the_folder_that_holds_them(repo: Path) -> None:
    assert not diff(repo, "--against", "generated", code=0)["changed"]
    assert not diff(repo, "slos/shop.yaml", "--against", "generated/prometheus/shop.rules.yaml", code=0)["changed"]

    write(repo, {"slos/shop.yaml": slos(objective="99.95")})
    assert changed(diff(repo, "--against", "generated")) == {"shop-availability": "changed"}


def test_a_rule_file_that_is_none_is_told_of_on_the_old_side_and_refused_on_the_new_one(repo: Path) -> None:
    good = "groups:\n- name: a\n  rules:\n  - {record: a:b, expr: up}\n"
    write(repo, {"bad.yaml": f"{good}  - {{expr: up}}\n", "none.yaml": "groups: [\n", "good.yaml": good})

    for bad, place, why in (
        ("bad.yaml", 5, "a rule has either 'record' or 'alert'"),
        ("none.yaml", 2, "this is not YAML"),
    ):
        (note,) = diff(repo, "good.yaml", "--against", bad, code=0 if bad == "bad.yaml" else 1)["notes"]
        assert (note["code"], note["place"]["file"], note["place"]["line"]) == ("not-read", bad, place)
        assert why in note["message"]

        done = slogen("diff", bad, "--against", "good.yaml", cwd=repo)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"{bad}:{place}:" in done.stderr
        assert f"error: {why}" in done.stderr


def test_a_hook_of_git_compares_as_everybody_does(repo: Path) -> None:
    hook = repo / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexport GIT_DIR=.git\nexec '{executable()}' diff --against HEAD > told\n", "utf-8")
    hook.chmod(0o755)
    write(repo, {"slos/shop.yaml": slos(objective="99.95")})
    git(repo, "add", "slos")

    with pytest.raises(subprocess.CalledProcessError):
        git(repo, "commit", "--quiet", "--message", "refused")

    assert "~ SLO shop-availability: changed, slos/shop.yaml:4:5" in (repo / "told").read_text("utf-8")


def test_a_file_that_is_gone_and_named_takes_its_slos_along(repo: Path) -> None:
    (repo / "slos/shop.yaml").unlink()

    assert changed(diff(repo, "slos/shop.yaml", "--against", "HEAD")) == {"shop-availability": "removed"}


def read(terminal: int) -> bytes:
    """What was written to it meanwhile; nothing once nobody writes any more."""
    try:
        return os.read(terminal, 65_536)
    except OSError:
        return b""


def test_colours_are_for_terminals_alone(repo: Path) -> None:
    write(repo, {"slos/shop.yaml": slos(objective="99.95")})

    assert "\x1b" not in slogen("diff", "--against", "HEAD", cwd=repo).stdout

    lead, follow = pty.openpty()
    command = [executable(), "diff", "--against", "HEAD"]
    with subprocess.Popen(command, cwd=repo, env=environment(), stdout=follow) as process:
        os.close(follow)
        told = b"".join(iter(lambda: read(lead), b""))
    os.close(lead)

    assert process.returncode == 1
    assert b"\x1b[33m~ SLO shop-availability: changed" in told


def test_git_tells_why_where_it_refuses(tmp_path: Path) -> None:
    with pytest.raises(FilesError, match="git: not a git repository"):
        revisions.revision(tmp_path, "HEAD", exact=False)
