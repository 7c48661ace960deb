"""The ``slogen`` command, run as its users run it: as a process of its own."""

import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent

_SCRIPT = f"""\
#!{sys.executable}
import sys

sys.path.insert(0, {str(ROOT)!r})
from slogen.cli import main

sys.exit(main())
"""


@cache
def executable() -> str:
    """The installed command, else one that is the same from the sources."""
    installed = Path(sysconfig.get_path("scripts")) / "slogen"
    if installed.exists():
        return str(installed)
    script = Path(tempfile.mkdtemp(prefix="slogen-command-")) / "slogen"
    script.write_text(_SCRIPT, "utf-8")
    script.chmod(0o755)
    return str(script)


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a run: nothing of the caller's that changes what is told."""
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR", "PYTHONPATH"}}
    return kept | {"LC_ALL": "C.UTF-8"} | dict(more or {})


def slogen(
    *arguments: str | Path, cwd: Path, env: Mapping[str, str] | None = None, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run ``slogen`` with *arguments* in the folder *cwd*; at most two minutes."""
    command: Sequence[str | Path] = [executable(), *arguments]
    return subprocess.run(
        command,
        cwd=cwd,
        env=environment(env),
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        **options,
    )
