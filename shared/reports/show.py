"""Figures as people read them: half-up to the declared decimals, money in the report's unit, blanks as a dash."""

from fractions import Fraction

from shared.reports.model import Column, Figure, Kind, Unit

BLANK = "—"
_FEN_PER: dict[Unit, int] = {Unit.YUAN: 100, Unit.WAN: 1_000_000, Unit.YI: 10_000_000_000}


def shown(column: Column, unit: Unit, figure: Figure) -> str:
    """The printed text of one figure."""
    if figure is None:
        return BLANK
    if isinstance(figure, str):
        return figure
    match column.kind:
        case Kind.MONEY:
            return half_up(Fraction(figure, _FEN_PER[unit]), column.decimals)
        case Kind.RATE | Kind.POINTS:
            return half_up(Fraction(figure) * 100, column.decimals)
    return half_up(Fraction(figure), 0)


def half_up(value: Fraction, decimals: int) -> str:
    """A decimal text, a half rounded away from zero, as Chinese tables print."""
    scale: int = 10**decimals
    scaled = abs(value) * scale
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    whole, part = divmod(units, scale)
    sign = "-" if value < 0 and units else ""
    return f"{sign}{whole}.{part:0{decimals}d}" if decimals else f"{sign}{whole}"


def heading(column: Column, unit: Unit) -> str:
    """A column's Chinese heading with its unit."""
    match column.kind:
        case Kind.MONEY:
            return f"{column.zh}（{unit}）"
        case Kind.RATE:
            return f"{column.zh}（%）"
        case Kind.POINTS:
            return f"{column.zh}（百分点）"
    return column.zh
