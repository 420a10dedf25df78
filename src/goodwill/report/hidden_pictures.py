"""The picture of hidden causes: how strong one must be, beside what was measured, to take the answer away.

After Cinelli and Hazlett (2020), figure 2: the bias that a hidden cause brings is s sqrt(x y / (1 - x)), x and y what
it explains of touch and of outcome once everything measured is known. Equal bias b lies on y = (b / s)^2 (1 - x) / x.
"""

from __future__ import annotations

import math
from typing import Any

from goodwill.report.effect_words import is_touch
from goodwill.report.finite import is_finite, with_numbers
from goodwill.report.numbers import show_change, show_size, show_value
from goodwill.report.panels import Picture, drawn_twice
from goodwill.report.phrases import label
from goodwill.report.planes import Curve, Spot, contours
from goodwill.verdicts.verdict import Verdict

Row = dict[str, Any]
#: Between nothing and all of the answer one line is enough.
HALF = 0.5


def hidden_causes(verdict: Verdict, currency: str) -> Picture | None:
    """Lines on which a hidden cause takes all or half of the answer, or lets the interval reach no effect."""
    rows, size = strongest_first(verdict), scale(verdict)
    headline = verdict.headline
    if headline is None or not rows or size is None or not is_finite(headline.value) or not headline.value:
        return None
    curves = _curves(verdict, size)
    spots = [Spot(label(str(row["factor"])), row["of_touch"], row["of_outcome"]) for row in rows]
    told = "; ".join(_told(row, headline.unit, currency) for row in rows)
    exposure = "the touch" if is_touch(verdict) else "the way in"
    axes = (f"share of {exposure}", "share of the outcome")
    panel = drawn_twice(
        f"What a hidden cause explains of {exposure} and of the outcome",
        f"Of what is left of each; as strong as what was measured: {told}.",
        lambda width: contours(curves, spots, axes=axes, width=width),
    )  # fmt: skip
    return Picture(seen(verdict, currency), (panel,), facts="hidden_causes", place="hidden")


def strongest_first(verdict: Verdict) -> list[Row]:
    """The measured factors whose hidden twins can be drawn, the strongest first."""
    rows = with_numbers(verdict.facts.get("hidden_causes", ()), "of_touch", "of_outcome", "bias")
    sound = [row for row in rows if 0 <= row["of_touch"] < 1 and 0 <= row["of_outcome"] <= 1]
    return sorted(sound, key=lambda row: -abs(row["bias"]))


def scale(verdict: Verdict) -> float | None:
    """The s of the formula, in the unit of the answer, from the strongest twin; None where none has any strength.

    Examples
    --------
    >>> row = {"factor": "size", "of_touch": 0.2, "of_outcome": 0.05, "bias": 0.03}
    >>> round(scale(Verdict("win_rate", "?", facts={"hidden_causes": [row]})), 3)
    0.268
    """
    for row in strongest_first(verdict):
        strength = math.sqrt(row["of_touch"] * row["of_outcome"] / (1 - row["of_touch"]))
        if strength > 0 and row["bias"]:
            return float(abs(row["bias"]) / strength)
    return None


def seen(verdict: Verdict, currency: str) -> str:
    """What to see: what lies beyond the line, and how near the strongest thing measured comes to it."""
    assert verdict.headline is not None
    value, unit, strongest = verdict.headline.value or 0.0, verdict.headline.unit, strongest_first(verdict)[0]
    reach = "the interval holds no effect as it is"
    if _limit(verdict):
        reach = "on the dashed one the interval reaches no effect"
    bias, all_of_it = abs(strongest["bias"]), show_size(value, unit, currency)
    takes = f"{show_size(bias, unit, currency)} of {all_of_it}" if bias < abs(value) else f"all of {all_of_it}"
    return (
        "What something hidden could do: the more it explains of what the things measured leave open, the further up "
        "and to the right it stands, and the more of the answer it takes. On the "
        f"solid line and beyond nothing is left; {reach}. The twin of {strongest['factor']}, the strongest thing "
        f"measured, would take {takes}."
    )


def _curves(verdict: Verdict, size: float) -> list[Curve]:
    assert verdict.headline is not None
    value = abs(verdict.headline.value or 0.0)
    curves = [Curve("nothing\nis left", (value / size) ** 2, "ink", (1, 0))]
    if limit := _limit(verdict):
        curves.append(Curve("interval\nreaches\nno effect", (limit / size) ** 2, "second", (7, 4)))
    return [*curves, Curve("half\nis left", (HALF * value / size) ** 2, "soft", (2, 3))]


def _limit(verdict: Verdict) -> float:
    """How far the nearer end of the interval is from no effect; 0 where the interval holds it or there is none."""
    headline = verdict.headline
    assert headline is not None
    limit = headline.low if (headline.value or 0.0) > 0 else headline.high
    sign = 1 if (headline.value or 0.0) > 0 else -1
    return max(0.0, sign * float(limit)) if limit is not None and is_finite(limit) else 0.0


def _told(row: Row, unit: str, currency: str) -> str:
    explained = [show_value(row[name], "share") for name in ("of_touch", "of_outcome")]
    return (
        f"{row['factor']} {explained[0]} and {explained[1]}, {show_change(-abs(row['bias']), unit, currency)} in size"
    )
