"""Templates of annotations and labels: what Prometheus would refuse to load, said before it does."""

import re
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slogen.gotemplate import Mistake, check, literal, string
from slogen.gotemplate.functions import ELSE_WITH, FUNCTIONS

OLD = (2, 42)
NEW = (3, 16)

VALID = (
    "",
    "no action at all",
    "}} { } {%",
    "{{.}}",
    "{{ . }}",
    "{{.Labels}}",
    "{{ .Labels.instance }}",
    "{{ $labels.instance }} of {{ $externalLabels.cluster }} is at {{ $value }}: {{ $externalURL }}",
    "{{ $ }}",
    "{{ $.Labels.job }}",
    "{{ $.ExternalURL }}",
    "{{ ._x }}",
    "{{ .größe }}",
    "{{ .Labels .Value }}",
    "{{- .Value -}}",
    "a {{- /* a comment */ -}} b",
    "{{/* }} {{ */}}",
    "{{/**/}}",
    "{{/*\n*/}}",
    "{{\n.Value\n}}",
    "{{ .Value\t-}}\n",
    "{{\r\n.\r\n}}",
    '{{ "text" }}',
    '{{ "}}" }}',
    '{{ "{{" }}',
    '{{ "" }}',
    r'{{ "\"\\\n\x41\101\u00e9\U0001F600" }}',
    '{{ `raw \\ \n "string" }}` }}',
    "{{ 'c' }}",
    r"{{ '\'' }}",
    r"{{ '\u00e9' }}",
    "{{ 'é' }}",
    "{{ '\"' }}",
    "{{ 1 }}",
    "{{ -1 }}",
    "{{ +1.5 }}",
    "{{ .5 }}",
    "{{ 5. }}",
    "{{ 1e3 }}",
    "{{ 1E-3 }}",
    "{{ 1_000 }}",
    "{{ 1_0.5e1_0 }}",
    "{{ 0x1F }}",
    "{{ 0X_1f }}",
    "{{ 0x1.8p-3 }}",
    "{{ 0o17 }}",
    "{{ 017 }}",
    "{{ 0b101 }}",
    "{{ 0089.5 }}",
    "{{ 2i }}",
    "{{ 089i }}",
    "{{ 1+2i }}",
    "{{ 1e+2i }}",
    "{{ -0x1p1-.5i }}",
    "{{ 18446744073709551615 }}",
    "{{ -9223372036854775808 }}",
    "{{ 1e-999 }}",
    "{{ true }}{{ false }}",
    "{{ nil }}",
    "{{ print nil true 1 .A $labels `x` }}",
    "{{ humanize $value }}",
    "{{ $value | humanize }}",
    "{{ $value|humanize|toUpper }}",
    "{{ .Value | printf `%.2f` }}",
    "{{ . | }}",
    "{{ . | (print) }}",
    "{{ . | $labels }}",
    "{{ (print) }}",
    "{{ (index $labels `a`).b }}",
    "{{ (print).a.b }}",
    "{{ print.a }}",
    "{{ print (1) (2) }}",
    "{{ ((((.)))) }}",
    "{{ (.) -}}",
    '{{ query "up" | first | value }}',
    '{{ range query "up" }}{{ .Labels.job }}{{ end }}',
    '{{ with query "up" }}{{ . | first | label "job" }}{{ end }}',
    "{{ $x := 1 }}{{ $x }}",
    "{{$x:=1}}{{$x}}",
    "{{ $x := 1 }}{{ $x = 2 }}{{ $x }}",
    "{{ $new = 2 }}",
    "{{ $ := 1 }}",
    "{{ ($x := 1) }}{{ $x }}",
    "{{ if . }}a{{ end }}",
    "{{ if(.) }}a{{ end }}",
    "{{if.A}}a{{end}}",
    "{{ if . }}a{{ else }}b{{ end }}",
    "{{ if . }}a{{ else if . }}b{{ else if . }}c{{ else }}d{{ end }}",
    "{{ if . }}{{ if . }}{{ else }}{{ end }}{{ else }}{{ end }}",
    "{{ if $x := .A }}{{ $x }}{{ else }}{{ $x }}{{ end }}",
    "{{ if . }}{{ $x := 1 }}{{ else }}{{ $x }}{{ end }}",
    "{{ if . }}{{ $x := 1 }}{{ else if $x }}{{ $x }}{{ end }}",
    "{{ with . }}{{ . }}{{ else }}none{{ end }}",
    "{{ with . }}{{ else }}{{ with . }}{{ end }}{{ end }}",
    "{{ range . }}{{ . }}{{ end }}",
    "{{ range $v := . }}{{ $v }}{{ end }}",
    "{{ range $i, $v := . }}{{ $i }}{{ $v }}{{ else }}{{ $i }}{{ end }}",
    "{{range $i,$v:=.}}{{end}}",
    "{{ range $i, $v = . }}{{ $v }}{{ end }}",
    "{{ range $i, $labels }}{{ end }}",
    "{{ range . }}{{ break }}{{ continue }}{{ end }}",
    "{{ range . }}{{ if . }}{{ break }}{{ end }}{{ else }}{{ end }}",
    "{{ range . }}{{ range . }}{{ else }}{{ break }}{{ end }}{{ end }}",
    '{{ define "a" }}{{ . }}{{ end }}{{ template "a" }}{{ template "a" $labels }}',
    '{{ define "a" }}a{{ end }}{{ define `b` }}b{{ end }}',
    '{{ define "a" }}a{{ end }}{{ define "a" }} {{/* empty */}} {{ end }}',
    '{{ define "a" }}{{ end }}{{ define "a" }}b{{ end }}',
    '{{ define "a" }}{{ $x := . }}{{ $x }}{{ $ }}{{ end }}',
    '{{ define "if" }}{{ if . }}{{ block "b" . }}{{ end }}{{ end }}{{ end }}',
    '{{ template "nosuch" }}',
    '{{ template "a" $x := 1 }}{{ $x }}',
    '{{ block "a" . }}{{ . }}{{ end }}',
    '{{ block "a". }}{{ . }}{{ end }}',
    '{{ block "a" $x := . }}{{ end }}{{ $x }}',
    '{{ if . }}{{ block "a" . }}{{ range . }}{{ break }}{{ end }}{{ end }}{{ end }}',
    "{{ and (eq 1 1) (not false) (or .A .B) }}",
    "{{ index (slice .A 1 2) 0 | js | html | urlquery | println }}",
    "{{ reReplaceAll `(.*):\\d+` `$1` $labels.instance | stripPort | title }}",
)
"""What Prometheus loads, of every version."""

INVALID = (
    "{{",
    "{{ ",
    "a {{ b",
    "{{}}",
    "{{ }}",
    "{{- -}}",
    "{{- }}",
    "{{-}}",
    "{{ .Value }",
    "{{ .Value } }",
    "{{ .Value",
    "{{{ .Value }}}",
    "{{ .Value }}{{",
    "{{ $labels.instance",
    "{{/* a comment",
    "{{/* a comment */",
    "{{/* a comment */ }}",
    "{{ /* a comment */}}",
    "{{/*/}}",
    "{{-/* a comment */}}",
    "{{/* a comment */-}}",
    '{{ "text }}',
    '{{ "te\nxt" }}',
    '{{ "text\\" }}',
    "{{ `raw }}",
    "{{ 'c }}",
    "{{ '' }}",
    "{{ 'ab' }}",
    r"{{ '\"' }}",
    r'{{ "\q" }}',
    r'{{ "\'" }}',
    r'{{ "\x4" }}',
    r'{{ "\400" }}',
    r'{{ "\ud800" }}',
    r'{{ "\U00110000" }}',
    '{{ "a"."b" }}',
    '{{ "a".b }}',
    "{{ 'a'.b }}",
    "{{ 1 .. }}",
    "{{ 1..A }}",
    "{{ true.A }}",
    "{{ nil.A }}",
    "{{ ..A }}",
    "{{ .A. }}",
    "{{ .1.2 }}",
    "{{ 1x }}",
    "{{ 08 }}",
    "{{ 0x }}",
    "{{ 0x1.8 }}",
    "{{ 0b2 }}",
    "{{ 1_ }}",
    "{{ 1__0 }}",
    "{{ 1_.5 }}",
    "{{ 1e }}",
    "{{ 1e999 }}",
    "{{ 0x1p9999 }}",
    "{{ 18446744073709551616 }}",
    "{{ +18446744073709551615 }}",
    "{{ -9223372036854775809 }}",
    "{{ 1+2 }}",
    "{{ 1i+2i }}",
    "{{ 1+i }}",
    "{{ + }}",
    "{{ - 1 }}",
    "{{ $value * 100 }}",
    "{{ $value-1 }}",
    "{{ $value > 1 }}",
    "{{ $value == 1 }}",
    "{{ .A && .B }}",
    "{{ !.A }}",
    "{{ .A, .B }}",
    "{{ .A; .B }}",
    "{{ .A-b }}",
    "{{ .A² }}",
    "{{ ² }}",
    "{{ . \N{NO-BREAK SPACE}}}",
    "{{ . \0 }}",
    "{{ $label.instance }}",
    "{{ labels.instance }}",
    "{{ Labels.instance }}",
    "{{ $x }}",
    "{{ $x.y := 1 }}",
    "{{ $x:1 }}",
    "{{ $x : = 1 }}",
    "{{$x=1}}",
    "{{ $x := }}",
    "{{ := 1 }}",
    "{{ $x, $y := . }}",
    "{{ if . }}{{ $x := 1 }}{{ end }}{{ $x }}",
    "{{ range $i, $v := . }}{{ end }}{{ $v }}",
    "{{ range $i, $v }}{{ end }}",
    "{{ range $i, }}{{ end }}",
    "{{ range $i, 1 }}{{ end }}",
    "{{ range $a, $b, $c := . }}{{ end }}",
    "{{ if $a, $b := . }}{{ end }}",
    "{{ range ($i, $v := .) }}{{ end }}",
    "{{ humanise $value }}",
    "{{ nosuch }}",
    "{{ _ }}",
    "{{ . | nosuch }}",
    "{{ tmpl `a` . }}",
    "{{ . | 1 }}",
    "{{ . | `a` | print }}",
    "{{ . | . }}",
    "{{ . | nil }}",
    "{{ . | true }}",
    "{{ . | 'a' }}",
    "{{ | print }}",
    "{{ print || print }}",
    "{{ () }}",
    "{{ print ( ) }}",
    "{{ (. }}",
    "{{ .) }}",
    "{{ (.}}",
    "{{ (. -}}",
    "{{ (.))}}",
    "{{ (.)(.) }}",
    "{{ print(.) }}",
    "{{ .(.) }}",
    '{{ print"a" }}',
    '{{ print "a""b" }}',
    '{{ 1"a" }}',
    "{{ .A$labels }}",
    "{{ end }}",
    "{{ else }}",
    "{{ if . }}",
    "{{ if }}{{ end }}",
    "{{ if . }}{{ end }}{{ end }}",
    "{{ if . }}{{ else }}{{ else }}{{ end }}",
    "{{ if . }}{{ else }}{{ else if . }}{{ end }}",
    "{{ if . }}{{ else if }}{{ end }}",
    "{{ if . }}{{ elseif . }}{{ end }}",
    "{{ if . }}{{ else . }}{{ end }}",
    "{{ if . }}{{ else with . }}{{ end }}",
    "{{ if . }}{{ else range . }}{{ end }}",
    "{{ if . }}{{ end . }}",
    "{{ if . }}{{ end if }}",
    "{{ with . }}{{ else if . }}{{ end }}",
    "{{ range . }}{{ else if . }}{{ end }}",
    "{{ with }}{{ end }}",
    "{{ range }}{{ end }}",
    "{{ break }}",
    "{{ if . }}{{ continue }}{{ end }}",
    "{{ range . }}{{ else }}{{ break }}{{ end }}",
    "{{ range . }}{{ end }}{{ break }}",
    "{{ range . }}{{ break . }}{{ end }}",
    '{{ range . }}{{ block "a" . }}{{ break }}{{ end }}{{ end }}',
    "{{ print if }}",
    "{{ print end }}",
    "{{ print break }}",
    "{{ (if .) }}{{ end }}",
    '{{ define "a" }}',
    "{{ define a }}{{ end }}",
    '{{ define "a" . }}{{ end }}',
    '{{ define"a" }}{{ end }}',
    "{{ define }}{{ end }}",
    '{{ define "a" }}{{ else }}{{ end }}',
    '{{ define "a" }}{{ $labels }}{{ end }}',
    '{{ define "a" }}a{{ end }}{{ define "a" }}b{{ end }}',
    '{{ define "a" }}a{{ end }}{{ define `a` }}b{{ end }}',
    r'{{ define "a" }}a{{ end }}{{ define "\x61" }}b{{ end }}',
    '{{ define "a" }}{{ . }}{{ end }}{{ block "a" . }}b{{ end }}',
    '{{ if . }}{{ define "a" }}{{ end }}{{ end }}',
    '{{ define "a" }}{{ define "b" }}{{ end }}{{ end }}',
    '{{ block "a" . }}{{ $value }}{{ end }}',
    '{{ block "a" }}{{ end }}',
    "{{ block }}{{ end }}",
    '{{ block "a" . }}{{ else }}{{ end }}',
    "{{ template }}",
    "{{ template a }}",
    '{{ template "a" nosuch }}',
    '{{ template "a" . }}{{ end }}',
)
"""What Prometheus refuses, of every version; next to many of them stands above what almost looks like it."""

VERSIONED = (
    ("{{ now }}", (3, 6)),
    ("{{ toDuration 1 }}", (3, 6)),
    ("{{ `a b` | urlQueryEscape }}", (3, 8)),
    ("{{ with .A }}{{ else with .B }}{{ else }}{{ end }}", ELSE_WITH),
)

MISTAKES = (
    ("at {{ humanise $value }}", 6, "unknown template function 'humanise'; did you mean 'humanize'?"),
    ("{{ upper $value }}", 3, "unknown template function 'upper'; did you mean 'toUpper'?"),
    ("{{ zzz }}", 3, "unknown template function 'zzz'"),
    ("{{ labels.job }}", 3, "unknown template function 'labels'; did you mean '$labels'?"),
    ("{{ Labels.job }}", 3, "unknown template function 'Labels'; did you mean '.Labels'?"),
    ("{{ now }}", 3, "template function 'now' needs Prometheus 3.6 or newer, not 2.42"),
    ("{{ $label.job }}", 3, "undefined variable '$label'; did you mean '$labels'?"),
    ("{{ $q }}", 3, "undefined variable '$q'"),
    ("{{ $value }} is {{ $value", 16, "'{{' is never closed by '}}'"),
    ("{{ $value }", 10, "unexpected '}'; an action is closed by '}}'"),
    ('{{ "up }}', 3, """the string that starts with '"up }}' is never closed by '"'"""),
    ("{{/* up }}", 0, "'{{/*' is never closed by '*/}}'"),
    ("{{ /* up */ }}", 3, "a comment starts right behind the braces: '{{/*'"),
    ("{{ $value * 100 }}", 10, "unexpected '*'; a template has no operators, compare with 'eq', 'lt' or 'gt'"),
    ("{{ -$value }}", 3, "'-$value' is not a number; a template has no arithmetic, the alert's expression has"),
    ("{{ $value-1 }}", 9, "unexpected '-' after '$value'; words are separated by spaces"),
    ("{{ 'ab' }}", 3, "\"'ab'\" is not one character; a string stands in double quotes"),
    (r'{{ "\d" }}', 3, r"""'"\\d"' has an escape that Go does not know; a backslash is written '\\'"""),
    ("{{ print (1 }}", 9, "'(' is never closed by ')'"),
    ("{{ print 1) }}", 10, "')' closes no '('"),
    ("{{ print(1) }}", 8, "unexpected '(' right after 'print'"),
    ("{{ 1 | 2 }}", 7, "'2' cannot follow '|'; a function can"),
    ("{{ print () }}", 10, "missing value between parentheses"),
    ("a {{ if . }} b", 2, "'{{if}}' is never closed by '{{end}}'"),
    ("a {{ end }} b", 2, "'{{end}}' closes nothing"),
    ("{{ if }}{{ end }}", 5, "missing value after 'if'"),
    ("{{ }}", 2, "missing value in the action"),
    ("{{ if . }}{{ elif . }}{{ end }}", 13, "unknown template function 'elif'"),
    ("{{ break }}", 0, "'{{break}}' outside of '{{range}}'"),
    ("{{ template a }}", 12, "expected a name in double quotes after 'template', not 'a'"),
    ("{{ if . }}{{ end if }}", 17, "expected '}}' after 'end', not 'if'"),
    (
        "{{ with . }}{{ else if . }}{{ end }}",
        20,
        "'else if' inside of 'with'; write '{{else}}{{if ...}}...{{end}}'",
    ),
    (
        "{{ with . }}{{ else with . }}{{ end }}",
        20,
        "'else with' needs Prometheus 2.55 or newer, not 2.42; write '{{else}}{{with ...}}...{{end}}'",
    ),
)


# -- What is said ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "offset", "message"), MISTAKES)
def test_a_mistake_says_where_it_is_and_what_to_write(text: str, offset: int, message: str) -> None:
    assert check(text, OLD) == Mistake(offset, message)


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize("text", VALID)
def test_what_prometheus_loads_is_accepted(text: str, version: tuple[int, int]) -> None:
    assert check(text, version) is None


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize("text", INVALID)
def test_what_prometheus_refuses_is_a_mistake_within_the_text(text: str, version: tuple[int, int]) -> None:
    mistake = check(text, version)

    assert mistake is not None
    assert 0 <= mistake.offset <= len(text)
    assert not mistake.message.endswith(".")
    assert "\n" not in mistake.message


@pytest.mark.parametrize(("text", "since"), VERSIONED)
def test_what_is_new_is_a_mistake_only_for_an_older_prometheus(text: str, since: tuple[int, int]) -> None:
    assert check(text, since) is None
    mistake = check(text, (since[0], since[1] - 1))

    assert mistake is not None
    assert "needs Prometheus {}.{} or newer".format(*since) in mistake.message


def test_offsets_count_characters_not_bytes() -> None:
    assert check("größer als {{ nosuch }}", OLD) == Mistake(14, "unknown template function 'nosuch'")


def test_a_long_word_is_quoted_by_its_start() -> None:
    mistake = check("{{ " + "x" * 1000 + " }}", OLD)

    assert mistake == Mistake(3, f"unknown template function '{'x' * 40}...'")


# -- How much is too much ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("{{ if . }}", "{{ end }}"), ("{{ with . }}", "{{ end }}"), ("{{ range . }}{{ else }}", "{{ end }}")],
)
def test_a_hundred_blocks_may_be_nested_and_no_more(opening: str, closing: str) -> None:
    assert check(opening * 100 + closing * 100, OLD) is None
    mistake = check(opening * 100_000, OLD)

    assert mistake is not None
    assert mistake.message.startswith("too deeply nested")
    assert mistake.offset == len(opening) * 100


def test_a_hundred_parentheses_may_be_nested_and_no_more() -> None:
    assert check("{{ " + "(" * 100 + "." + ")" * 100 + " }}", OLD) is None
    mistake = check("{{ " + "(" * 100_000, OLD)

    assert mistake == Mistake(103, "too deeply nested; 100 parentheses are open here already")


def test_a_long_chain_of_else_if_is_not_nested() -> None:
    assert check("{{ if . }}" + "{{ else if . }}" * 10_000 + "{{ end }}", OLD) is None


HUGE = {
    "actions": "{{.}}" * 210_000,
    "operands": "{{" + " ." * 524_288 + "}}",
    "fields": "{{" + ".a" * 524_288 + "}}",
    "blocks": "{{if .}}{{end}}" * 70_000,
    "variables": "".join(f"{{{{$v{number}:=.}}}}" for number in range(75_000)) + "{{$v}}",
    "number": "{{1" + "_1" * 524_288 + "_}}",
    "string": '{{"' + r"\a" * 524_288 + '"}}',
    "open string": '{{"' + r"\a" * 524_288,
    "word": "{{" + "x" * 1_048_576 + "}}",
    "spaces": "{{" + " " * 1_048_576 + "!",
    "open comments": "{{/*" * 262_144,
}


@pytest.mark.parametrize("name", HUGE)
def test_a_mebibyte_is_checked_within_seconds(name: str) -> None:
    start = time.process_time()
    check(HUGE[name], OLD)

    assert time.process_time() - start < 10  # what is quadratic takes minutes


# -- What real Prometheus says -----------------------------------------------------------------------------------------


def version_of(promtool: Path) -> tuple[int, int]:
    """
    The version that *promtool* behaves like.

    Debian builds with a newer Go than Prometheus' own releases were: such a 2.53 reads ``{{else with}}``.
    """
    shown = run(promtool, "--version")
    version, go = re.search(r"version (\d+)\.(\d+)", shown), re.search(r"go version: +go(\d+)\.(\d+)", shown)
    assert version
    assert go
    known = int(version[1]), int(version[2])
    return max(known, ELSE_WITH) if (int(go[1]), int(go[2])) >= (1, 23) else known


def run(promtool: Path, *arguments: str, fails: bool = False) -> str:
    done = subprocess.run([promtool, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    shown = done.stdout.decode("utf-8", "replace")
    assert bool(done.returncode) == fails, shown
    return shown


def scalar(text: str) -> str:
    """*text* in YAML, which any YAML reader reads alike."""
    plain = re.compile(r"[ !#-\[\]-~]")
    return '"' + "".join(char if plain.match(char) else f"\\U{ord(char):08x}" for char in text) + '"'


def write_alerts(path: Path, annotations: Sequence[str]) -> str:
    """A rule file with one alert for each of *annotations*, named by its number."""
    rules = [
        f"  - {{alert: n{number}, expr: vector(1), annotations: {{text: {scalar(text)}}}}}\n"
        for number, text in enumerate(annotations)
    ]
    path.write_text("groups:\n- name: all\n  rules:\n" + "".join(rules), "utf-8")
    return str(path)


def agree(promtool: Path, texts: Sequence[str], folder: Path) -> None:
    """Assert that *promtool* refuses those of *texts* that are mistakes to us, each of them, and loads the rest."""
    version = version_of(promtool)
    refused = [text for text in texts if check(text, version)]
    accepted = [text for text in texts if not check(text, version)]
    if accepted:
        shown = run(promtool, "check", "rules", write_alerts(folder / "accepted.yaml", accepted))
        assert f"SUCCESS: {len(accepted)} rules found" in shown
    if refused:
        shown = run(promtool, "check", "rules", write_alerts(folder / "refused.yaml", refused), fails=True)
        numbers = {int(number) for number in re.findall(r'annotation "text": template: __alert_n(\d+):', shown)}
        assert [text for number, text in enumerate(refused) if number not in numbers] == []


def test_real_promtool_agrees_on_every_example(promtool: Path, tmp_path: Path) -> None:
    agree(promtool, [*VALID, *INVALID, *(text for text, _ in VERSIONED)], tmp_path)


def test_real_promtool_has_every_function_of_its_version_and_no_other(promtool: Path, tmp_path: Path) -> None:
    agree(promtool, [f"{{{{ {function} }}}}" for function in FUNCTIONS], tmp_path)


OPERANDS = st.sampled_from(
    [
        *(".", ".A", ".Labels.job", "$", "$value", "$labels.job", "$x"),
        *("1", "0x1F", "1.5", "1+2i", "'c'", '"a"', "`a`", '"{{"', "true", "nil"),
        *("print", "humanize", "len", "query", "now"),
    ]
)
STAGES = st.sampled_from(["print", "humanize", "printf `%v` 1", ".A", "$labels", "(print 1)", "1"])
DECLARATIONS = st.sampled_from(["", "", "", "", "$x := ", "$x = ", "$i, $x := "])


def pipelines(operands: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    commands = st.lists(operands, min_size=1, max_size=3).map(" ".join)
    stages = st.lists(STAGES, max_size=2).map(lambda found: "".join(f" | {stage}" for stage in found))
    return st.builds("{}{}{}".format, DECLARATIONS, commands, stages)


PIPELINES = pipelines(OPERANDS | st.builds("({}){}".format, pipelines(OPERANDS), st.sampled_from(["", "", ".a"])))
ACTIONS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["{{", "{{ ", "{{- "]),
    PIPELINES | st.sampled_from(["break", "continue", 'template "a"', 'template "a" .']),
    st.sampled_from(["}}", " }}", " -}}"]),
)
FLAT = ACTIONS | st.sampled_from(["text", " ", "{", "}}", "{{/* c */}}", "{{- /* c */ -}}"])


def blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    bodies = st.lists(inner, max_size=2).map("".join)
    branches = st.sampled_from(["", "", "{{ else }}", "{{ else if . }}", "{{ else with . }}"])
    opened = st.builds("{} {}".format, st.sampled_from(["if", "range", "with"]), PIPELINES)
    branched = st.builds("{{{{ {} }}}}{}{}{}{{{{ end }}}}".format, opened, bodies, branches, bodies)
    named = st.sampled_from(['define "a"', 'define "b"', "define `b`", 'block "a" .', 'block "c" $labels'])
    return branched | st.builds("{{{{ {} }}}}{}{{{{ end }}}}".format, named, bodies)


WHOLE: st.SearchStrategy[str] = st.lists(FLAT | blocks(FLAT) | blocks(blocks(FLAT)), min_size=1, max_size=3).map(
    "".join
)
PATCHES: st.SearchStrategy[str] = st.sampled_from(
    [*"{}()|.$\"'`- \n:=,/*_0eix9é²", "", "{{", "}}", "{{end}}", "{{/*", "*/", ":=", " -}}"]
)


@st.composite
def templates(draw: st.DrawFn) -> str:
    """A template that is valid more often than chance has it, at times with one place of it broken."""
    text = draw(WHOLE)
    if not draw(st.booleans()):
        return text
    start = draw(st.integers(0, len(text)))
    return text[:start] + draw(PATCHES) + text[start + draw(st.integers(0, 2)) :]


def some_of(strategy: st.SearchStrategy[str]) -> list[str]:
    """Many texts at once, since starting promtool for each of them takes longer than checking hundreds."""
    found: dict[str, None] = {}

    @settings(max_examples=300, database=None)
    @given(strategy)
    def collect(text: str) -> None:
        found[text] = None

    collect()
    return list(found)


def test_real_promtool_agrees_on_whatever_may_be_written(promtool: Path, tmp_path: Path) -> None:
    agree(promtool, some_of(templates()), tmp_path)


# -- Text that is meant literally --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "template"),
    [
        ("", ""),
        ("no braces", "no braces"),
        ("} }} {%", "} }} {%"),
        ("{{", '{{ "{{" }}'),
        ("{{{", '{{ "{{" }}{'),
        ("{{{{", '{{ "{{" }}{{ "{{" }}'),
        ("{{- a -}}", '{{ "{{" }}- a -}}'),
        ("a {{ b }}", 'a {{ "{{" }} b }}'),
    ],
)
def test_only_opening_braces_need_an_action_to_be_printed(text: str, template: str) -> None:
    assert literal(text) == template


@given(st.text())
def test_text_without_opening_braces_is_its_own_template(text: str) -> None:
    if "{{" not in text:
        assert literal(text) == text


@given(st.text(st.sampled_from('{}- /*"`\n.a')) | st.text())
def test_a_literal_is_a_valid_template(text: str) -> None:
    assert check(literal(text), OLD) is None


@given(st.text(st.sampled_from("{}\\\"'`\n\r\t\0\x7f\u2028\ud800é")) | st.text())
def test_a_string_is_a_valid_operand(text: str) -> None:
    assert check(f"{{{{ print {string(text)} }}}}", OLD) is None
    string(text).encode("utf-8")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", '""'),
        ("up", '"up"'),
        ('a "b" \\c', r'"a \"b\" \\c"'),
        ("a\nb\tc\r\0\x7f", r'"a\nb\tc\r\x00\x7f"'),
        ("größe {{ }}", '"größe {{ }}"'),
        ("\ud800", r'"\ufffd"'),
    ],
)
def test_a_string_escapes_what_go_wants_escaped(text: str, written: str) -> None:
    assert string(text) == written


PRINTED = st.text(
    st.sampled_from('{{{}}- /*"\\`\n\t\r.a$\x7f\0') | st.characters(exclude_categories=["Cs"]), min_size=1
)
EVERY_TEXT = (
    "{{",
    "{{{",
    "{{{{{",
    "{ {{ {",
    "{{- a -}} ",
    " {{/* a */}}",
    '{{ "a" }}',
    "{{`",
    "\\{{\\",
    "a\n {{\n",
    "\0{{\x7f",
)


def prints(promtool: Path, folder: Path, wanted: Sequence[tuple[str, str]]) -> None:
    """Assert that real Prometheus makes of each template, first, the text, second."""
    indent = "\n      "
    annotations = indent.join(f"n{number}: {scalar(template)}" for number, (template, _) in enumerate(wanted))
    (folder / "rules.yaml").write_text(
        f"groups:\n- name: all\n  rules:\n  - alert: All\n    expr: vector(1)\n    annotations:{indent}{annotations}\n",
        "utf-8",
    )
    indent = "\n          "
    annotations = indent.join(f"n{number}: {scalar(text)}" for number, (_, text) in enumerate(wanted))
    (folder / "test.yaml").write_text(
        "rule_files: [rules.yaml]\ntests:\n- alert_rule_test:\n  - eval_time: 0m\n    alertname: All\n"
        f"    exp_alerts:\n      - exp_annotations:{indent}{annotations}\n",
        "utf-8",
    )
    run(promtool, "test", "rules", str(folder / "test.yaml"))


def test_real_prometheus_prints_literals_and_strings_as_they_are(promtool: Path, tmp_path: Path) -> None:
    literals = [(literal(text), text) for text in (*EVERY_TEXT, *VALID[1:], *INVALID)]
    strings = [(f"{{{{ {string(text)} }}}}", text) for text in (*EVERY_TEXT, *VALID[1:], *INVALID)]
    prints(promtool, tmp_path, literals + strings)


def test_real_prometheus_prints_any_literal_and_any_string_as_it_is(promtool: Path, tmp_path: Path) -> None:
    texts = some_of(PRINTED)
    literals = [(literal(text), text) for text in texts]
    strings = [(f"{{{{ {string(text)} }}}}", text) for text in texts]
    prints(promtool, tmp_path, literals + strings)


def test_a_string_is_a_promql_string_too(promtool: Path, tmp_path: Path) -> None:
    text = 'a "b" \\c\n\t\r\0\x7f{{é'
    expression = f'label_replace(vector(1), "text", {string(text)}, "", "")'
    (tmp_path / "rules.yaml").write_text(
        f"groups: [{{name: all, rules: [{{alert: All, expr: {scalar(expression)}}}]}}]\n", "utf-8"
    )
    (tmp_path / "test.yaml").write_text(
        "rule_files: [rules.yaml]\ntests:\n- alert_rule_test:\n  - eval_time: 0m\n    alertname: All\n"
        f"    exp_alerts: [{{exp_labels: {{text: {scalar(text)}}}}}]\n",
        "utf-8",
    )
    run(promtool, "test", "rules", str(tmp_path / "test.yaml"))
