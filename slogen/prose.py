"""Templates to text: the only module that imports jinja2."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from jinja2 import Environment, StrictUndefined, Template
from jinja2.loaders import ChoiceLoader, DictLoader, FileSystemLoader
from jinja2.sandbox import ImmutableSandboxedEnvironment

from slogen import gotemplate
from slogen.diagnostics import CompileError, Diagnostic, Level, Position, Report, close, shown
from slogen.promql import Expr, Number, selectors
from slogen.yaml_text import Rendered, block, fields, key, quoted, single

LABEL_VALUE: Final = "\ufdd0"
"""Stands in a query for the value that the matcher's label has on the firing alert."""

QUERIES: Final = ("burn_rate", "budget_left", "seconds_left")
"""What the wording of a burn alert may ask for, under ``query``."""

_MOST_KNOWN: Final = 1024
_T = TypeVar("_T")

_RULES = "prometheus/rules.yaml.j2"
_YAML = ".yaml.j2"
_HTML = ".html.j2"
_ALERTS = ("burn", "no_data")
_PARTS = ("summary", "description")
_LITERAL = ("severity", "objective", "window", "description", "owner")


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
        self._known: dict[Hashable, Any] = {}

    @cached_property
    def _yaml(self) -> Environment:
        environment = self._environment(finalize=_finalize)
        environment.filters |= {"block": block, "fields": fields, "key": lambda name: Rendered(key(name))}
        environment.filters |= {"bare": Rendered, "single": single}
        return environment

    @cached_property
    def _words(self) -> Environment:
        return self._environment()

    def _environment(self, *, autoescape: bool = False, **options: Any) -> Environment:  # noqa: ANN401 - as jinja2 has them
        """
        Delimiters that Prometheus does not own.

        A user's templates run in the sandbox: in a pull request they are anybody's text.
        """
        kind = ImmutableSandboxedEnvironment if self.own else Environment
        return kind(
            loader=ChoiceLoader((DictLoader(self.own), FileSystemLoader(_packaged()))),
            auto_reload=False,
            optimized=False,  # there is nothing constant to fold, and to look for it takes time
            undefined=StrictUndefined,
            autoescape=autoescape,
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

    @property
    def lists_alike(self) -> bool:
        """Whether rules that are alike but for the names in them are laid out alike: a user's template may look."""
        return _RULES not in self.own

    def listed(self, rules: Sequence[object]) -> str:
        """Some *rules* as they stand in a rule file, without a line's end before and after them."""
        return str(self._listed(rules)).removeprefix("\n") if rules else ""

    @cached_property
    def _listed(self) -> Callable[[Sequence[object]], str]:
        listed: Callable[[Sequence[object]], str] = self._rules.module.listed  # type: ignore[attr-defined]
        return listed

    def burn(self, words: Words, queries: Mapping[str, Expr]) -> Mapping[str, str]:
        """The annotations of a burn alert; each of `QUERIES` is told as a Go template that gives its samples."""
        return self._told("burn", words, queries)

    def no_data(self, words: Words) -> Mapping[str, str]:
        """The annotations of the alert for missing data."""
        return self._told("no_data", words, {})

    def _told(self, kind: str, words: Words, queries: Mapping[str, Expr]) -> Mapping[str, str]:
        return self.once((kind, words), lambda: self._annotations(kind, words, queries))

    def once(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """What *make* gives, which follows from *key* and these templates, so that it is made once."""
        try:
            known: _T = self._known[key]
        except KeyError:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[key] = make()
        return known

    def _annotations(self, kind: str, words: Words, queries: Mapping[str, Expr]) -> dict[str, str]:
        given = _given(words, queries)
        return {part: template.render(given).strip() for part, template in self._alerts[kind].items()}

    def report(self, name: str, given: Mapping[str, object]) -> str:
        """
        A text for people, HTML with all that it is given escaped, or YAML for others than Prometheus.

        It is laid out by the template *name*.

        Raises:
            CompileError: it is the user's own, or made of such, and cannot be filled.
        """
        try:
            return self._environment_of(name).get_template(name).render(given).rstrip("\n") + "\n"
        except Exception as error:
            beside = [own for own in self.own if own.partition("/")[0] == name.partition("/")[0]]
            own = name if name in self.own else next(iter(beside), None)
            if own is None:
                raise
            raise CompileError((self._mistake(own, error),)) from error

    def _environment_of(self, name: str) -> Environment:
        return self._yaml if name.endswith(_YAML) else self._pages if name.endswith(_HTML) else self._reports

    @cached_property
    def _pages(self) -> Environment:
        return self._environment(autoescape=True)

    @cached_property
    def _reports(self) -> Environment:
        from slogen import layout  # late: rules have no tables

        environment = self._environment()
        names = ("table", "wrapped", "markdown", "markdown_table")
        environment.filters |= {name: getattr(layout, name) for name in names}
        return environment

    def place(self, name: str, line: int = 1) -> Position:
        """Where a line of the user's template *name* is."""
        return Position(f"{self._folder}/{name}" if self._folder else name, line)

    def check(self, report: Report, version: tuple[int, int]) -> None:
        """Tell what is wrong with the user's templates, by filling each with a sample."""
        for name, text in self.own.items():
            if name not in packaged():
                hint = close(name, packaged()) or "; `templates/` of slogen has them all"
                report.error(self.place(name), "unknown-template", f"slogen has no template {shown(name)}{hint}")
                continue
            try:
                filled = self._sample(name)
            except Exception as error:  # noqa: BLE001 - a template is a program; what it raises is its author's
                report.found.append(self._mistake(name, error))
                continue
            if name == _RULES:
                if not filled.startswith(f"{_SAMPLE_HEADER}\n"):
                    message = "the first line is not [[ header ]], by which slogen knows the files that it wrote"
                    report.error(self.place(name), "bad-template", message)
            elif mistake := gotemplate.check(filled, version):
                line = text.count("\n", 0, mistake.offset) + 1
                report.error(self.place(name, line), "bad-template", mistake.message)

    def _mistake(self, name: str, error: Exception) -> Diagnostic:
        line = getattr(error, "lineno", None) or _line_of(error)
        message = f"the template cannot be filled: {_lower(str(error) or type(error).__name__)}"
        return Diagnostic(self.place(name, line), Level.ERROR, "bad-template", message)

    def _sample(self, name: str) -> str:
        if name == _RULES:
            return self.rules(_SAMPLE_HEADER, _SAMPLE_GROUPS)
        if not name.startswith("alert/"):
            self._environment_of(name).get_template(name)
            return ""  # what it says of an SLO is seen when it is asked for
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


def _packaged() -> Path:
    """Where the templates are that slogen brings: within the wheel, or beside the package in its repository."""
    here = Path(__file__).resolve().parent
    folder = here / "_templates"
    return folder if folder.is_dir() else here.parent / "templates"


@lru_cache(maxsize=1)
def packaged() -> dict[str, str]:
    """The templates that slogen brings."""
    folder = _packaged()
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(folder.rglob("*.j2"))}
