"""What slogen has to say about a file: messages, each with its place and a stable code."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

_LONGEST_SHOWN = 80
_FEW = 12
"""So many names can be told where none is close."""
_LONGEST_GUESSED = 60
"""No name is as long; comparing takes a time that grows with the length."""


def shown(text: str) -> str:
    """*text* in quotes, for a message that it may not fill."""
    return repr(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}...")


class Level(StrEnum):
    """How much a diagnostic matters: an error stops the compilation, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Position(NamedTuple):
    """A place in a file; line and column count from 1, columns in characters."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Diagnostic(NamedTuple):
    """
    One thing to say about one place.

    Attributes:
        code: a key of `slogen.codes.CODES`; stable, so that it can be searched for.
        message: what was written and what to write instead; lower case, no full stop.
        also: the other place, where two places clash.
    """

    position: Position
    level: Level
    code: str
    message: str
    also: Position | None = None

    def __str__(self) -> str:
        return f"{self.position}: {self.level}: {self.message} [{self.code}]"


class CompileError(Exception):
    """The input does not compile; *diagnostics* holds every mistake found, warnings included."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(map(str, self.diagnostics)))


class Report:
    """Collects diagnostics, so that all mistakes are told at once."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []

    def error(self, position: Position, code: str, message: str, *, also: Position | None = None) -> None:
        """Note a mistake that stops the compilation."""
        self.found.append(Diagnostic(position, Level.ERROR, code, message, also))

    def warning(self, position: Position, code: str, message: str, *, also: Position | None = None) -> None:
        """Note something that compiles and is still worth a look."""
        self.found.append(Diagnostic(position, Level.WARNING, code, message, also))

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All that was found, each once, ordered by place."""
        return tuple(sorted(dict.fromkeys(self.found), key=lambda d: (d.position, d.level, d.code, d.message)))

    @property
    def failed(self) -> bool:
        """Whether there is at least one error."""
        return any(self._errors())

    def _errors(self) -> Iterator[Diagnostic]:
        return (d for d in self.found if d.level is Level.ERROR)


def did_you_mean(wrong: str, known: Sequence[str] | Mapping[str, object]) -> str:
    """``; did you mean 'total'?``, or the few names that there are, or nothing."""
    few = f"; known are {', '.join(sorted(known))}" if 0 < len(known) <= _FEW else ""
    return close(wrong, known) or few


def close(wrong: str, known: Sequence[str] | Mapping[str, object]) -> str:
    """``; did you mean 'total'?``, or nothing where no name is close."""
    return _close(wrong, tuple(known)) if len(wrong) <= _LONGEST_GUESSED else ""


@lru_cache(maxsize=1024)
def _close(wrong: str, known: tuple[str, ...]) -> str:
    from difflib import get_close_matches  # late: only for what is wrong

    found = get_close_matches(wrong, known, n=1, cutoff=0.6)
    return f"; did you mean {found[0]!r}?" if found else ""
