"""What SLO files compile to as the two sides of a comparison, without what is the same on both."""

from collections.abc import Iterable, Mapping

from slogen import manifest, naming, rule_files
from slogen.changes.comparing import Side, compare
from slogen.changes.compiling import Compiled, Runner, Sources, compile_with
from slogen.changes.values import Comparison, Note
from slogen.compiler import Content
from slogen.diagnostics import Diagnostic, Position, Report
from slogen.rule_files import RuleFile

_RULES = naming.rules_file("")
_USUAL = "prometheus"


def sides(before: Sources, after: Sources, first: Compiled, second: Compiled) -> tuple[Side, Side, list[Note], int]:
    """The two sides without what is the same on both, notes, and how many SLOs are left out."""
    kept = _kept(before)
    old = {path: one.text for path, one in first.written.items()}
    new = {path: one.text for path, one in second.written.items()}
    drifted = {path for path in old.keys() | kept.keys() if path not in kept or old.get(path, "") is not None}
    notes = [_does_not_compile(before, one) for one in first.failed]
    if kept and drifted and not first.failed:
        notes.append(_changed(len(drifted), len(old.keys() | kept.keys())))
    notes += _new_warnings(after, first.warnings, second.warnings)
    was, now = _differing(before.generated, kept, old, new)
    target = _target(kept or old, new)
    differing = {
        one.source for path, one in second.written.items() if _is_rules(path, target) and (path in was or path in now)
    }
    alike = before.alike(after) & first.units.keys()
    # What does not compile any more is the same where it was compiled to what it is compiled to now.
    sources_kept = {one.source for path, one in second.written.items() if path in kept}
    same = alike | (sources_kept - differing - first.units.keys())
    left_out = sum(len(second.units[name].ids) for name in same - differing)
    report = Report()
    both = []
    for sources, texts, result in ((before, was, first), (after, now, second)):
        slos = tuple(slo for name, unit in result.units.items() if name not in same for slo in unit.slos)
        others = {path: text for path, text in texts.items() if not _is_rules(path, target)}
        rules = _read(sources.out, texts, target, report)
        both.append(Side(sources.name, rules, slos, sources.folder, compiled=True, others=others, out=sources.out))
    notes += _unread(report)
    return both[0], both[1], notes, left_out


def _differing(
    generated: Mapping[str, bytes],
    kept: Mapping[str, bytes],
    old: Mapping[str, str | None],
    new: Mapping[str, str | None],
) -> tuple[dict[str, str], dict[str, str]]:
    """
    The texts of both sides that are not the same; of the old one those that were *kept*, where any were.

    Args:
        old: what the old side is compiled to, None where that is what was *generated*.
        new: the same of the new side.
    """
    was, now = {}, {}
    for path in sorted((kept or old).keys() | new.keys()):
        if path in kept and path in new and new[path] is None:
            continue
        texts = [_text(kept[path]) if path in kept else None, None]
        for index, side in enumerate((old, new)):
            if path in side and not (index == 0 and kept):
                text = side[path]
                texts[index] = _text(generated[path]) if text is None else text
        if texts[0] != texts[1]:
            was.update({path: texts[0]} if texts[0] is not None else {})
            now.update({path: texts[1]} if texts[1] is not None else {})
    return was, now


def _kept(sources: Sources) -> dict[str, bytes]:
    """Those of the generated files that follow from a source that is compared."""
    listed: dict[str, str] = {}
    for path, content in sources.generated.items():
        target, _, name = path.partition("/")
        if name == manifest.NAME:
            listed |= {f"{target}/{one}": source for one, source in _listed(content).items()}
    return {
        path: content
        for path, content in sources.generated.items()
        if (source := _source_of(content) or listed.get(path)) is not None and sources.covers(source)
    }


def _source_of(content: bytes) -> str | None:
    return naming.source_of(content[:4096].partition(b"\n")[0].decode("utf-8", "replace"))


def _listed(content: bytes) -> dict[str, str]:
    try:
        return manifest.read(content.decode())
    except ValueError:
        return {}


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _join(folder: str, path: str) -> str:
    return f"{folder}/{path}" if folder else path


def _target(*sides: Iterable[str]) -> str:
    """The target whose rules are compared rule by rule: ``prometheus`` where both have it, else the first."""
    found = [{path.partition("/")[0] for path in side if path.endswith(_RULES)} for side in sides]
    common = set.intersection(*(targets for targets in found if targets)) if any(found) else set()
    return _USUAL if _USUAL in common else min(common or set().union(*found), default=_USUAL)


def _does_not_compile(sources: Sources, one: Diagnostic) -> Note:
    message = f"the old side does not compile with this slogen: {one.message}"
    return Note("does-not-compile", message, _placed(sources, one))


def _new_warnings(sources: Sources, old: Iterable[Diagnostic], new: Iterable[Diagnostic]) -> list[Note]:
    """What is worth a look on the new side and was not on the old one."""
    known = {(one.position.file, one.code, one.message) for one in old}
    return [
        Note(one.code, f"warning: {one.message}", _placed(sources, one))
        for one in new
        if (one.position.file, one.code, one.message) not in known
    ]


def _placed(sources: Sources, one: Diagnostic) -> Position:
    return one.position._replace(file=_join(sources.folder, one.position.file))


def _changed(drifted: int, every: int) -> Note:
    files = "file is" if drifted == 1 else "files are"
    message = (
        f"slogen itself changed, or what it generated was edited or not written anew: {drifted} of {every} generated "
        f"{files} not what it writes for the old SLO files; compared is what is committed"
    )
    return Note("slogen-changed", message)


def drift(before: Mapping[str, str], after: Mapping[str, str], out: str) -> Comparison:
    """
    What differs between generated files as they are and as they would be, text by path below the folder *out*.

    Both hold those that differ alone; SLOs are told of by their rules.
    """
    target, report = _target(before, after), Report()
    if target != _USUAL and not all(any(_is_rules(path, target) for path in texts) for texts in (before, after)):
        target = ""  # a target that comes or goes: what its rules say, those of another one say still
    was, now = (
        Side(
            name,
            _read(out, texts, target, report),
            compiled=True,
            others={path: text for path, text in texts.items() if not _is_rules(path, target)},
            out=out,
        )
        for name, texts in ((f"{out}, as it is", before), ("what slogen writes", after))
    )
    return compare(was, now, _unread(report))


def _unread(report: Report) -> list[Note]:
    return [Note("not-read", one.message, one.position) for one in report.diagnostics]


def rule_side(name: str, contents: Mapping[str, Content], report: Report) -> Side:
    """A side of rule files that anybody wrote; *report* tells what cannot be read."""
    found = (file for path, content in contents.items() for file in rule_files.read(path, content, report))
    return Side(name, tuple(found))


def whole(sources: Sources) -> Side:
    """
    All of a side compiled, to be compared to what nobody compiled.

    Raises:
        CompileError: it does not compile.
    """
    runner = Runner(sources._replace(generated={}), frozenset(), map)
    compilation = compile_with(sources, sources.contents, runner)
    texts = {artifact.path: artifact.text for artifact in compilation.artifacts}
    return Side(
        sources.name,
        _read(sources.out, texts, _target(texts), Report()),
        compilation.slos,
        sources.folder,
        compiled=True,
    )


def _read(out: str, texts: Mapping[str, str], target: str, report: Report) -> tuple[RuleFile, ...]:
    """The rule files of a *target* among generated *texts*."""
    return tuple(
        file
        for path, text in sorted(texts.items())
        if _is_rules(path, target)
        for file in rule_files.read(_join(out, path), text, report)
    )


def _is_rules(path: str, target: str) -> bool:
    return path.startswith(f"{target}/") and path.endswith(_RULES)
