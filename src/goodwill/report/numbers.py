"""One way to write each unit, so that terminal, report and app agree to the digit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from goodwill.verdicts.small_cells import FEW
from goodwill.verdicts.verdict import Figure

#: What stands where there is no number.
ABSENT = "not known"
#: Below this many units of currency cents matter (a cost per reply); above, they are noise.
CENTS_BELOW = 100
#: Begins the unit of money that a former run counted in another currency: the code follows.
IN_OWN_CURRENCY = "money in "


@dataclass(frozen=True)
class Unit:
    """How a unit is written: ``scale`` turns the stored value into the printed one."""

    digits: int
    suffix: str = ""
    scale: float = 1.0
    is_signed: bool = False
    is_difference: bool = False


#: The units that a figure may have. A difference has a zero that means "no effect".
UNITS: dict[str, Unit] = {
    "share": Unit(1, "%", scale=100),
    "points": Unit(1, " points", scale=100, is_signed=True, is_difference=True),
    "days": Unit(1, " days"),
    "count": Unit(0),
    "money": Unit(0),
    "hours": Unit(1, " hours"),
    "ratio": Unit(2),
    "log_odds": Unit(2, " log-odds", is_signed=True, is_difference=True),
}


def show_value(value: float | None, unit: str, currency: str = "EUR") -> str:
    """A value with its unit, as every door of the product writes it.

    Parameters
    ----------
    value : float or None
        In the stored unit: shares and points are fractions.
    unit : str
        One of ``UNITS``.
    currency : str
        ISO 4217 code, written behind money.

    Returns
    -------
    str
        ``"not known"`` for None.

    Raises
    ------
    ValueError
        If the unit is none of ``UNITS``: a figure that cannot be written is our bug.

    Examples
    --------
    >>> show_value(0.6321, "share"), show_value(0.0611, "points"), show_value(12.34, "days")
    ('63.2%', '+6.1 points', '12.3 days')
    >>> show_value(10005534, "money"), show_value(3.4567, "money", "USD")
    ('10,005,534 EUR', '3.46 USD')
    """
    if value is None:
        return ABSENT
    return show_bare(value, unit) + _suffix(unit, currency)


def show_bare(value: float | None, unit: str) -> str:
    """The same number without its unit, for columns that name the unit once.

    Examples
    --------
    >>> show_bare(-0.004, "points"), show_bare(-0.00004, "points"), show_bare(1234567, "count")
    ('−0.4', '0.0', '1,234,567')
    """
    if value is None:
        return ABSENT
    spec = _unit(unit)
    if unit == FEW:
        return f"< {value:,.0f}"
    text = f"{abs(value) * spec.scale:,.{_digits(value, unit)}f}"
    if not text.strip("0.,"):
        return text  # zero after rounding has no sign
    if value < 0:
        return "−" + text
    return "+" + text if spec.is_signed else text


def show_size(value: float | None, unit: str, currency: str = "EUR") -> str:
    """The size of a difference without its sign, for sentences whose verb says the direction.

    Examples
    --------
    >>> show_size(-0.0611, "points")
    '6.1 points'
    """
    return show_value(None if value is None else abs(value), unit, currency).lstrip("+")


def show_change(value: float | None, unit: str, currency: str = "EUR") -> str:
    """A difference with its sign, whatever its unit.

    Examples
    --------
    >>> show_change(2.13, "days"), show_change(-0.02, "points"), show_change(0.0, "days")
    ('+2.1 days', '−2.0 points', '0.0 days')
    """
    return _signed(show_value(value, unit, currency), value, unit)


def show_bare_change(value: float | None, unit: str) -> str:
    """The same without its unit, for marks of a picture whose axis names the unit; a ratio has no sign.

    Examples
    --------
    >>> show_bare_change(2.13, "days"), show_bare_change(0.061, "points"), show_bare_change(1.31, "ratio")
    ('+2.1', '+6.1', '1.31')
    """
    return _signed(show_bare(value, unit), value, unit)


def show(figure: Figure, currency: str = "EUR") -> str:
    """A figure's value with its unit.

    Examples
    --------
    >>> show(Figure("share_won", "Share won", 0.251, "share"))
    '25.1%'
    """
    return show_value(figure.value, figure.unit, currency)


def show_interval(figure: Figure, currency: str = "EUR") -> str:
    """A figure's interval, its unit written once; empty if the figure has none.

    Examples
    --------
    >>> show_interval(Figure("effect", "Effect", 0.061, "points", low=0.012, high=0.11))
    '1.2 to 11.0 points'
    >>> show_interval(Figure("effect", "Effect", 0.02, "points", low=-0.031, high=0.11))
    '−3.1 to +11.0 points'
    """
    return show_range(figure.low, figure.high, figure.unit, currency)


def show_range(low: float | None, high: float | None, unit: str, currency: str = "EUR") -> str:
    """Two ends with their unit written once; empty if one is missing.

    Examples
    --------
    >>> show_range(1240.0, 2500.0, "money"), show_range(None, 1.0, "days")
    ('1,240 to 2,500 EUR', '')
    """
    bare = show_ends(low, high, unit)
    return bare + _suffix(unit, currency) if bare else ""


def show_ends(low: float | None, high: float | None, unit: str) -> str:
    """The ends of an interval without their unit; empty if there is none.

    Examples
    --------
    >>> show_ends(0.012, 0.11, "points"), show_ends(-3.1, 4.0, "days"), show_ends(None, 4.0, "days")
    ('1.2 to 11.0', '−3.1 to 4.0', '')
    """
    if low is None or high is None:
        return ""
    ends = [show_bare(end, unit) for end in (low, high)]
    return " to ".join([end.lstrip("+") for end in ends] if low >= 0 else ends)


def show_level(figure: Figure) -> str:
    """The level of a figure's interval.

    Examples
    --------
    >>> show_level(Figure("effect", "Effect", 0.061, "points"))
    '90%'
    """
    return f"{figure.level * 100:.4g}%"


def show_count(number: float) -> str:
    """A number of things; one that small cells hide is kept as its bound with a minus.

    Examples
    --------
    >>> show_count(12345), show_count(-5)
    ('12,345', '< 5')
    """
    return show_bare(abs(number), FEW if number < 0 else "count")


def bare_count(number: int) -> int | str:
    """The same for programs: a number, or the words where it is hidden.

    Examples
    --------
    >>> bare_count(12345), bare_count(-5)
    (12345, '< 5')
    """
    return show_count(number) if number < 0 else number


def about(number: float) -> str:
    """A planning number to two significant digits: more would feign precision.

    Examples
    --------
    >>> about(913.2), about(14.4), about(0.4)
    ('910', '14', '1')
    """
    if number < 1:
        return "1"
    digits = max(0, len(str(int(number))) - 2)
    return f"{round(number / 10**digits) * 10**digits:,}"


def is_difference(unit: str) -> bool:
    """Does zero mean "no effect" in this unit?"""
    return _unit(unit).is_difference


def axis_number(unit: str) -> Callable[[float], str]:
    """How an axis writes its ticks: bare, with no more digits than the step between ticks needs."""
    spec = _unit(unit)
    return lambda value: f"{value * spec.scale:,.6g}".replace("-", "−")


def _signed(text: str, value: float | None, unit: str) -> str:
    is_plus = value is not None and value > 0 and bool(show_bare(value, unit).strip("0.,"))
    return "+" + text if is_plus and unit != "ratio" and not text.startswith("+") else text


def _unit(unit: str) -> Unit:
    if unit == FEW:
        return UNITS["count"]
    if unit.startswith(IN_OWN_CURRENCY):
        return UNITS["money"]
    if unit not in UNITS:
        raise ValueError(f"unit {unit!r} is none of {', '.join(UNITS)}")
    return UNITS[unit]


def _suffix(unit: str, currency: str) -> str:
    if unit.startswith(IN_OWN_CURRENCY):
        return f" {unit.removeprefix(IN_OWN_CURRENCY)}"
    return f" {currency}" if unit == "money" else _unit(unit).suffix


def _digits(value: float, unit: str) -> int:
    if unit == "money" or unit.startswith(IN_OWN_CURRENCY):
        return 2 if abs(value) < CENTS_BELOW else 0
    if unit == "count" and value != round(value):
        return 1  # a count per something
    return _unit(unit).digits
