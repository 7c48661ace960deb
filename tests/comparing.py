"""
Comparisons in tests/diffs: in each folder what was before and what is after, and what is to be said of it.

    python tests/comparing.py

writes anew what is said now, to be read before it is committed.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from slogen import repository  # noqa: E402 - run as a program it stands beside the package
from slogen.changes import Comparison  # noqa: E402
from slogen.changes.comparing import compare  # noqa: E402
from slogen.changes.compiling import Sources, compiled  # noqa: E402
from slogen.changes.data import as_data  # noqa: E402
from slogen.changes.markdown import comment  # noqa: E402
from slogen.changes.sides import rule_side, sides  # noqa: E402
from slogen.changes.text import lines, plain  # noqa: E402
from slogen.diagnostics import Report  # noqa: E402

CASES: Final = Path(__file__).resolve().parent / "diffs"
ORGANISATION: Final = "targets: [prometheus]\n"
"""slogen.yaml of a side that has none."""


def cases() -> list[str]:
    """The name of every case."""
    return sorted(path.name for path in CASES.iterdir() if path.is_dir())


def comparison(case: str, folder: Path) -> Comparison:
    """What the two sides of a *case*, copied to an empty *folder*, come to."""
    both = []
    for name in ("before", "after"):
        side = folder / name
        shutil.copytree(CASES / case / name, side)
        if not (side / "slogen.yaml").exists():
            (side / "slogen.yaml").write_text(ORGANISATION, "utf-8")
        both.append(repository.on_disk(repository.Given((side,)), name, new=name == "after"))
    old, new = both
    if isinstance(old, Sources) and isinstance(new, Sources):
        first, second = compiled(old, new, map)
        was, now, notes, unchanged = sides(old, new, first, second)
        return compare(was, now, notes, unchanged)
    assert not isinstance(old, Sources)
    assert not isinstance(new, Sources)
    report = Report()
    was, now = (rule_side(side.name, side.contents, report) for side in (old, new))
    assert not report.found
    return compare(was, now)


def said(found: Comparison) -> dict[str, str]:
    """What is said of a comparison, by the name of the file that holds it."""
    data = json.dumps(as_data(found), indent=2, ensure_ascii=False)
    return {"diff.txt": plain(lines(found)), "diff.json": f"{data}\n", "diff.md": comment(found)}


def main() -> None:
    """Write what is said of every case."""
    for case in cases():
        with tempfile.TemporaryDirectory() as folder:
            for name, text in said(comparison(case, Path(folder))).items():
                (CASES / case / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
