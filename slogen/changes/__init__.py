"""What a change means: two sets of SLOs and rules compared, in the words of SLOs first, then rule by rule."""

from slogen.changes.values import (
    Change,
    Comparison,
    Field,
    FileChange,
    GroupChange,
    Impact,
    Note,
    RuleChange,
    RuleName,
    SloChange,
    Term,
)

__all__ = [
    "Change",
    "Comparison",
    "Field",
    "FileChange",
    "GroupChange",
    "Impact",
    "Note",
    "RuleChange",
    "RuleName",
    "SloChange",
    "Term",
]
