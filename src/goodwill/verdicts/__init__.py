"""What was asked, what was found, what was tried against it."""

from goodwill.verdicts.verdict import Check, Evidence, Figure, Verdict

__all__ = ["Check", "Evidence", "Figure", "Verdict"]
