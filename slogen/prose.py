"""Templates to text: the only module that imports jinja2, and the only one that knows quoting."""

import json
import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from jinja2 import Environment, StrictUndefined, Template
from jinja2.loaders import DictLoader
from jinja2.sandbox import ImmutableSandboxedEnvironment

from slogen import gotemplate
from slogen.diagnostics import Position, Report
from slogen.promql import Expr, Number, selectors

LABEL_VALUE: Final = "\ufdd0"
"""Stands in a query for the value that the matcher's label has on the firing alert."""

QUERIES: Final = ("burn_rate", "budget_left", "seconds_left")
"""What the wording of a burn alert may ask for, under ``query``."""

_RULES = "prometheus/rules.yaml.j2"
_ALERTS = ("burn", "no_data")
_PARTS = ("summary", "description")
_LITERAL = ("severity", "objective", "window", "description", "owner")

# What a block scalar or a double-quoted one cannot hold as it is.
# Source: https://yaml.org/spec/1.2.2/#51-character-set
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_NOT_IN_A_BLOCK = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]").search
_PLAIN_KEY = re.compile(r"[a-z_][a-z0-9_]*", re.ASCII)
_NO_TEXT = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
"""
Words that YAML 1.1 takes for something else than text.

Source: https://yaml.org/type/bool.html and https://yaml.org/type/null.html
"""
_encode = json.encoder.encode_basestring


class Rendered(str):
    """Text that is YAML already and is not to be quoted again."""

    __slots__ = ()


class Words(NamedTuple):
    """
    What the wording of an alert may say of its SLO, every text literal.

    Names are not among them: a firing alert has them as labels, so SLOs that are alike share their wording.
    """

    severity: str
    objective: str
    window: str
    description: str
    owner: str
    group_by: tuple[str, ...]


_SAMPLE_HEADER: Final = "# The first line."
_SAMPLE_GROUPS: Final = (
    {
        "name": "sample",
        "interval": "1m",
        "rules": (
            {"kind": "record", "name": "a:b", "expr": "c", "labels": {"d": "e"}},
            {"kind": "alert", "name": "A", "expr": "b", "labels": {}, "annotations": {"c": "d"}, "pending": "1m"},
        ),
    },
)
_SAMPLE_WORDS: Final = Words("page", "99.9%", "30d", "Requests are answered.", "payments", ("region",))
"""What the user's templates are tried on."""


@lru_cache(maxsize=8192)
def quoted(text: str) -> str:
    """*text* as a YAML scalar in double quotes; no value can break out of it."""
    if text.isascii() and text.isprintable():
        return _encode(text)
    return _UNPRINTABLE.sub(_escape, _encode(text))


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def block(value: object, indent: int) -> str:
    """*value* as a literal block scalar, its lines as they are, where YAML can hold them so; else in double quotes."""
    text = str(value)
    simple = '"' not in text and "\\" not in text and "\n" not in text
    if simple or not text or text[0].isspace() or text[-1].isspace() or not _fits_a_block(text):
        return Rendered(quoted(text))
    space = "\n" + " " * indent
    return Rendered(f"|-{space}{text.replace(chr(10), space)}")


def _fits_a_block(text: str) -> bool:
    return text.replace("\n", "").isprintable() or not _NOT_IN_A_BLOCK(text)


@lru_cache(maxsize=8192)
def _value(value: str, indent: int) -> str:
    return block(value, indent + 2) if "\n" in value else quoted(value)


def fields(labels: Mapping[str, str], indent: int) -> str:
    """*labels* as the entries of a mapping, each on a line of its own."""
    space = "\n" + " " * indent
    entries = [f"{space}{key(name)}: {_value(value, indent)}" for name, value in labels.items()]
    return Rendered("".join(entries))


@lru_cache(maxsize=1024)
def key(name: str) -> str:
    """*name* as a key: as it is where every reader of YAML takes it for text."""
    return name if _PLAIN_KEY.fullmatch(name) and name not in _NO_TEXT else quoted(name)


def _finalize(value: object) -> str:
    return value if isinstance(value, Rendered) else quoted(str(value))


class Prose:
    """
    A set of templates, ready to be filled.

    Args:
        own: the user's templates, text by name; each takes the place of the packaged one of that name.
        folder: where they lie, for diagnostics.
    """

    def __init__(self, own: Mapping[str, str] | None = None, folder: str = "") -> None:
        self.own = dict(own or {})
        self._folder = folder
        self._texts = {**packaged(), **self.own}
        self._known: dict[tuple[str, Words], dict[str, str]] = {}

    @cached_property
    def _yaml(self) -> Environment:
        environment = self._environment(finalize=_finalize)
        environment.filters |= {"block": block, "fields": fields, "key": lambda name: Rendered(key(name))}
        return environment

    @cached_property
    def _words(self) -> Environment:
        return self._environment()

    def _environment(self, **options: Any) -> Environment:  # noqa: ANN401 - as jinja2 has them
        """
        Delimiters that Prometheus does not own.

        A user's templates run in the sandbox: in a pull request they are anybody's text.
        """
        kind = ImmutableSandboxedEnvironment if self.own else Environment
        return kind(
            loader=DictLoader(self._texts),
            undefined=StrictUndefined,
            autoescape=False,
            variable_start_string="[[",
            variable_end_string="]]",
            block_start_string="[%",
            block_end_string="%]",
            comment_start_string="[#",
            comment_end_string="#]",
            **options,
        )

    @cached_property
    def _rules(self) -> Template:
        return self._yaml.get_template(_RULES)

    @cached_property
    def _alerts(self) -> dict[str, dict[str, Template]]:
        return {kind: {part: self._alert(kind, part) for part in _PARTS} for kind in _ALERTS}

    def _alert(self, kind: str, part: str) -> Template:
        return self._words.get_template(f"alert/{kind}_{part}.txt.j2")

    def rules(self, header: str, groups: object) -> str:
        """A rule file; *header* is its first line."""
        return self._rules.render(header=Rendered(header), groups=groups) + "\n"

    def burn(self, words: Words, queries: Mapping[str, Expr]) -> Mapping[str, str]:
        """The annotations of a burn alert; each of `QUERIES` is told as a Go template that gives its samples."""
        return self._told("burn", words, queries)

    def no_data(self, words: Words) -> Mapping[str, str]:
        """The annotations of the alert for missing data."""
        return self._told("no_data", words, {})

    def _told(self, kind: str, words: Words, queries: Mapping[str, Expr]) -> Mapping[str, str]:
        if (kind, words) not in self._known:
            self._known[kind, words] = self._annotations(kind, words, queries)
        return self._known[kind, words]

    def _annotations(self, kind: str, words: Words, queries: Mapping[str, Expr]) -> dict[str, str]:
        given = _given(words, queries)
        return {part: template.render(given).strip() for part, template in self._alerts[kind].items()}

    def place(self, name: str, line: int = 1) -> Position:
        """Where a line of the user's template *name* is."""
        return Position(f"{self._folder}/{name}" if self._folder else name, line)

    def check(self, report: Report, version: tuple[int, int]) -> None:
        """Tell what is wrong with the user's templates, by filling each with a sample."""
        for name, text in self.own.items():
            if name not in packaged():
                known = ", ".join(packaged())
                report.error(self.place(name), "unknown-template", f"slogen has no template {name!r}; it has {known}")
                continue
            try:
                filled = self._sample(name)
            except Exception as error:  # noqa: BLE001 - a template is a program; what it raises is its author's
                line = getattr(error, "lineno", None) or _line_of(error)
                message = f"the template cannot be filled: {_lower(str(error) or type(error).__name__)}"
                report.error(self.place(name, line), "bad-template", message)
                continue
            if name == _RULES:
                if not filled.startswith(f"{_SAMPLE_HEADER}\n"):
                    message = "the first line is not [[ header ]], by which slogen knows the files that it wrote"
                    report.error(self.place(name), "bad-template", message)
            elif mistake := gotemplate.check(filled, version):
                line = text.count("\n", 0, mistake.offset) + 1
                report.error(self.place(name, line), "bad-template", mistake.message)

    def _sample(self, name: str) -> str:
        if name == _RULES:
            return self.rules(_SAMPLE_HEADER, _SAMPLE_GROUPS)
        kind, part = name.removeprefix("alert/").removesuffix(".txt.j2").rsplit("_", 1)
        queries = dict.fromkeys(QUERIES, Number(1)) if kind == "burn" else {}
        return self._alert(kind, part).render(_given(_SAMPLE_WORDS, queries)).strip()


def _given(words: Words, queries: Mapping[str, Expr]) -> dict[str, object]:
    """What the wording of an alert is given."""
    slo = {name: gotemplate.literal(getattr(words, name)) for name in _LITERAL}
    slo |= {"service": "{{ $labels.slo_service }}", "name": "{{ $labels.slo_name }}"}
    group = "".join(f"{{{{ with $labels.{label} }}}} {label}={{{{ . }}}}{{{{ end }}}}" for label in words.group_by)
    return {"slo": slo, "group": group, "query": {name: _go_query(expr) for name, expr in queries.items()}}


def _lower(message: str) -> str:
    """The words of a library, as ours are."""
    return (message[:1].lower() + message[1:]).rstrip(".").replace(". ", "; ")


def _go_query(expr: Expr) -> str:
    """A Go template pipeline that runs *expr* for the labels of the firing alert."""
    asked = [f"$labels.{matcher.label}" for selector in selectors(expr) for matcher in selector.matchers]
    pattern = " ".join(str(expr).split()).replace("%", "%%").replace(f'"{LABEL_VALUE}"', "%q")
    return (
        f"printf {gotemplate.string(pattern)} {' '.join(asked)} | query"
        if asked
        else f"query {gotemplate.string(pattern)}"
    )


def _line_of(error: BaseException) -> int:
    """The line of the template in which *error* was raised: jinja2 rewrites the traceback to its lines."""
    import traceback  # late: only for what is wrong

    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == "<template>"]
    lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if frame in frames]
    return lines[-1] if lines else 1


@lru_cache(maxsize=1)
def packaged() -> dict[str, str]:
    """The templates that slogen brings: within the wheel, or beside the package in its repository."""
    here = Path(__file__).resolve().parent
    folder = here / "_templates"
    if not folder.is_dir():
        folder = here.parent / "templates"
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(folder.rglob("*.j2"))}
