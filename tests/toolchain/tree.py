"""Programs that run from a tree of unpacked packages, with the libraries and fonts that lie in it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

FOLDER: Final = "tree"
_PARTS: Final = ("usr/lib", "usr/share/fonts", "lib")
"""What a program may read while it runs; the rest is documentation, and what root would set up."""

_FONTS: Final = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir prefix="relative">usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""
"""
Source: https://www.freedesktop.org/software/fontconfig/fontconfig-user.html
"""

_LAUNCHER: Final = """\
#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
export LD_LIBRARY_PATH="{libraries}" FONTCONFIG_FILE="$here/{folder}/fonts.conf"
exec "$here/{folder}/{program}" "$@"
"""


def plant(unpacked: Path, place: Path, programs: Mapping[str, str]) -> None:
    """
    Move what is *unpacked* into *place*, with a script that starts each program there, wherever *place* is moved to.

    Args:
        programs: their paths in the tree, by the names of the scripts.
    """
    planted = place / FOLDER
    for part in _PARTS:
        if (unpacked / part).is_dir():
            (planted / part).parent.mkdir(parents=True, exist_ok=True)
            (unpacked / part).rename(planted / part)
    (planted / "fonts.conf").write_text(_FONTS, "utf-8")
    shared = sorted({library.parent.relative_to(place) for library in planted.rglob("*.so*")})
    libraries = ":".join(f"$here/{folder}" for folder in shared)
    for name, program in programs.items():
        script = _LAUNCHER.format(libraries=libraries, folder=FOLDER, program=program)
        (place / name).write_text(script, "utf-8")
        (place / name).chmod(0o755)
