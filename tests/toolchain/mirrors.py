"""Under which addresses a machine finds Debian's archive, by what its apt configuration says."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


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
