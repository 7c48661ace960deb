"""A file while its meaning is worked out: mistakes are told by the path of what is wrong."""

from typing import NamedTuple

from slogen import gotemplate, naming
from slogen.diagnostics import Report
from slogen.model import Labels
from slogen.source import Path, Source


class Scope(NamedTuple):
    """
    A source, where its mistakes are told, and the Prometheus that its rules are for.

    Attributes:
        version: the oldest Prometheus that loads the rules, major and minor.
    """

    source: Source
    report: Report
    version: tuple[int, int]

    def written(self, path: Path) -> object:
        """What is written at *path*, as text, mappings and lists; None where nothing is."""
        value = self.source.data
        for step in path:
            if isinstance(value, dict):
                value = value.get(step)
            else:
                value = value[step] if isinstance(value, list) and isinstance(step, int) else None
        return value

    def error(self, path: Path, code: str, message: str, *, offset: int = 0) -> None:
        """Tell a mistake in the value at *path*, or in the character *offset* of a text there."""
        self.report.error(self.source.position(path, offset), code, message)

    def key_error(self, path: Path, code: str, message: str) -> None:
        """Tell a mistake in the last key of *path*."""
        self.report.error(self.source.key(path), code, message)

    def warning(self, path: Path, code: str, message: str) -> None:
        """Tell of something that compiles and is still worth a look."""
        self.report.warning(self.source.position(path), code, message)

    def check_labels(self, labels: Labels, path: Path) -> None:
        """Tell which labels are reserved, and which values are no Prometheus templates."""
        for name in labels:
            if name in naming.RESERVED:
                self.key_error(
                    (*path, name),
                    "reserved-label",
                    f"label {name!r} is set by slogen or Prometheus; choose another name",
                )
        self.check_templates(labels, path)

    def check_templates(self, texts: Labels, path: Path) -> None:
        """Tell which *texts* are no Prometheus templates."""
        for name, text in texts.items():
            if "{{" in text and (mistake := gotemplate.check(text, self.version)):
                self.error((*path, name), "bad-template", mistake.message, offset=mistake.offset)
