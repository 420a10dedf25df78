"""What all checks share: how one says that it could not run, and when a test condemns."""

from __future__ import annotations

from goodwill.verdicts.verdict import Check

#: A test condemns at 1%, as several are applied to each of many questions.
CONDEMNS = 0.01


def could_not_run(name: str, tried: str, why: str, *, decisive: bool = True) -> Check:
    """A check that says why it could not run, which is no pass.

    Examples
    --------
    >>> could_not_run("balance", "sides were compared", "nothing is known of them").result
    'could not run: nothing is known of them'
    """
    return Check(name, tried, f"could not run: {why}", None, decisive)
