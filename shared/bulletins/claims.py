"""What a name asks for: 完成率 a ratio, 人均 an average, 比上年增加 a difference, 合计 a sum (指标名称的含义)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations

from shared.bulletins.named import Named, kinship
from shared.bulletins.relations import Kind

_RATE = re.compile(r"率|占|比例|比重|进度|完成|份额|百分比")
_NO_RATE = re.compile(r"下限|上限|目标|不低于|不高于|不超过|标准|阈值|超|高于|低于|百分点|预计|力争|要求")
_GROWTH = re.compile(r"增长|增幅|增速|同比|环比|下降|降幅|提高")
_CHANGE = re.compile(r"(比|较).{0,6}(增|减|多|少|提高|下降)|净增|增加额|减少额")
_BEFORE = re.compile(r"上年|去年|上期|同期|上月|期初|年初|基期|前\)|原")
_MEAN = re.compile(r"(?P<per>[人户村镇县亩月年])均|平均每(?P<each>[人户村镇县亩月年个])")
_WHOLE = re.compile(r"合计|总计|小计|共计|总额|总投资|总数|总量|^总|计$")
_PER = {
    "人": frozenset({"人", "名", "口", "人口", "劳动力"}),
    "户": frozenset({"户"}),
    "村": frozenset({"村", "个"}),
    "镇": frozenset({"个"}),
    "县": frozenset({"个"}),
    "亩": frozenset({"亩"}),
    "月": frozenset({"月"}),
    "年": frozenset({"年"}),
    "个": frozenset({"个"}),
}
_MIN_PARTS = 2
_SHORT = 2
"""Two digits fit by chance: further away a figure must fit in three."""
_REACH = 12
"""Figures of other groups are looked at only so near."""
_HUNDRED = Fraction(1)
_POINTS = Fraction(15, 1000)
"""Shares that miss a hundred by more are not meant to make one."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One reading of a name: what the figure would be, in its own unit.

    `reach`: how far print may be off and still mean this reading, where it is not a part of the figure itself.
    `is_demanded`: the name asks for just this, so that a wrong figure is a finding; otherwise it only explains.
    """

    kind: Kind
    inputs: tuple[Named, ...]
    value: Fraction
    slack: Fraction
    formula: str
    weight: int
    is_demanded: bool
    is_fully_named: bool = False
    reach: Fraction | None = None


def claims_for(one: Named, all_named: Sequence[Named]) -> Iterator[Claim]:
    """The readings of a figure's name over the other figures of the list."""
    near = [each for each in all_named if each.row != one.row and each.figure.value]
    others = [each for each in near if each.group == one.group or abs(each.row - one.row) <= _REACH]
    if one.is_share:
        yield from _shares_of_a_whole(one, others)
        if _GROWTH.search(one.name):
            yield from _growths(one, others)
        if not _NO_RATE.search(one.name):
            yield from _ratios(one, others)
        return
    if _MEAN.search(one.name):
        yield from _means(one, others)
        return
    if _CHANGE.search(one.name):
        yield from _changes(one, others)
    yield from _sums(one, others)


def _factor(one: Named) -> Fraction:
    return one.unit.factor if one.unit else Fraction(1)


def _quotient(
    kind: Kind, one: Named, above: Sequence[Named], below: Sequence[tuple[Named, int]], weight: int, **how: bool
) -> Claim | None:
    top = sum((each.value for each in above), Fraction(0))
    bottom = sum((each.value * sign for each, sign in below), Fraction(0))
    if bottom <= 0 or not top:
        return None
    value = top / bottom / _factor(one)
    moved = (
        sum((each.ulp for each in above), Fraction(0)) / abs(top)
        + sum((each.ulp for each, _ in below), Fraction(0)) / bottom
    )
    names = "".join(f" {'−' if sign < 0 else '+'} {each.name}" for each, sign in below)[3:]
    over = f"({names})" if len(below) > 1 else names
    formula = f"{one.name} = {' + '.join(each.name for each in above)} ÷ {over}"
    inputs = (*above, *(each for each, _ in below))
    return Claim(
        kind,
        inputs,
        value,
        abs(value) * moved / 2,
        formula,
        weight,
        how.get("demanded", False),
        how.get("named", False),
    )


def _same_group(one: Named, *others: Named) -> bool:
    return all(each.group == one.group for each in others)


def _ratios(one: Named, others: Sequence[Named]) -> Iterator[Claim]:
    """A rate of two amounts of one kind; asked for when a rate word stands in the group of both and names one of them."""
    amounts = [each for each in others if not each.is_share]
    for above, below in permutations(amounts, 2):
        if above.base != below.base:
            continue
        close = _same_group(one, above, below)
        kin = kinship(one.name, above.name), kinship(one.name, below.name)
        is_part = above.name.startswith("其中") and below.row < above.row and kin[0] > 0
        weight = 2 * (kin[0] + kin[1]) + 3 * close + 2 * is_part
        is_only = sum(_same_group(one, each) and each.base == above.base for each in amounts) == _MIN_PARTS
        is_meant = min(kin) > 0 or is_part or (max(kin) > 0 and is_only)
        is_asked = bool(_RATE.search(one.name)) and close and is_meant and not _is_backward(one, above, below)
        claim = _quotient(Kind.RATIO, one, (above,), ((below, 1),), weight, demanded=is_asked, named=min(kin) > 0)
        if claim and (close or weight > 1 or one.digits > _SHORT):
            yield claim
    for above in (each for each in amounts if one.digits > _SHORT and _same_group(one, each)):
        wanted = above.value / one.value if one.value else Fraction(0)
        same = [each for each in amounts if each is not above and each.base == above.base]
        for below, less in permutations(same, 2):
            if abs(below.value - less.value - wanted) * 50 < abs(wanted):
                claim = _quotient(Kind.RATIO, one, (above,), ((below, 1), (less, -1)), 0)
                yield from [claim] if claim else []


def _is_backward(one: Named, above: Named, below: Named) -> bool:
    """Whether a share would be the whole over its part."""
    return above.value > below.value and "完成" not in one.name


def _growths(one: Named, others: Sequence[Named]) -> Iterator[Claim]:
    """Growth: (this − last) ÷ last, or increase ÷ (this − increase)."""
    amounts = [each for each in others if not each.is_share]
    for now, last in permutations(amounts, 2):
        if now.base != last.base or not last.value:
            continue
        close = _same_group(one, now, last)
        weight = 2 * kinship(now.name, last.name) + 3 * close
        if _CHANGE.search(now.name) or "增加" in now.name:
            claim = _quotient(Kind.GROWTH, one, (now,), ((last, 1), (now, -1)), weight + 2, demanded=close)
            if claim:
                yield claim
        elif not _CHANGE.search(last.name):
            value = (now.value - last.value) / last.value / _factor(one)
            slack = (now.ulp + last.ulp * now.value / last.value) / last.value / _factor(one) / 2
            formula = f"{one.name} = ({now.name} − {last.name}) ÷ {last.name}"
            asked = close and bool(_BEFORE.search(last.name))
            yield Claim(Kind.GROWTH, (now, last), value, abs(slack), formula, weight, asked)


def _means(one: Named, others: Sequence[Named]) -> Iterator[Claim]:
    """An amount per head, household or village."""
    found = _MEAN.search(one.name)
    units = _PER[(found["per"] or found["each"]) if found else "个"]
    for above in others:
        if above.is_share or above.base != one.base or _MEAN.search(above.name):
            continue
        for below in others:
            if below.base not in units:
                continue
            close = _same_group(one, above, below)
            weight = 3 * close + 2 * kinship(one.name, above.name) + (above.row < one.row) + (below.row < one.row)
            claim = _quotient(Kind.RATIO, one, (above,), ((below, 1),), weight, demanded=close, named=close)
            if claim and (close or one.digits > _SHORT):
                yield claim


def _changes(one: Named, others: Sequence[Named]) -> Iterator[Claim]:
    """The figure of this year less last year, when both stand in the group and one says so."""
    same = [each for each in others if each.base == one.base and not each.is_share and each.group == one.group]
    for now, last in permutations(same, 2):
        years = [re.search(r"20\d\d", each.name) for each in (now, last)]
        is_earlier = bool(_BEFORE.search(last.name)) or bool(years[0] and years[1] and years[1][0] < years[0][0])
        value = (now.value - last.value) / _factor(one)
        formula = f"{one.name} = {now.name} − {last.name}"
        slack = (now.ulp + last.ulp) / 2 / _factor(one)
        weight = 2 * kinship(now.name, last.name) + 2 * is_earlier
        yield Claim(
            Kind.DIFFERENCE, (now, last), value, slack, formula, weight, is_earlier, reach=abs(one.figure.value) / 2
        )


def _sums(one: Named, others: Sequence[Named]) -> Iterator[Claim]:
    """A whole and all other amounts of its kind in the group; or two or three amounts that fit to the last digit."""
    same = [each for each in others if each.base == one.base and not each.is_share]
    group = [each for each in same if each.group == one.group]
    parts = [each for each in group if not each.name.startswith("其中")]
    is_whole = bool(_WHOLE.search(one.name))
    lists = [parts, *_runs(same)]
    for line in lists:
        if len(line) < _MIN_PARTS or one in line:
            continue
        value = sum((each.value for each in line), Fraction(0)) / _factor(one)
        asked = is_whole and line is parts
        if not asked and (one.digits < 4 or value != one.figure.value):  # noqa: PLR2004  short figures fit by chance
            continue
        slack = sum((each.ulp for each in line), Fraction(0)) / 2 / _factor(one)
        formula = f"{one.name} = {' + '.join(each.name for each in line)}"
        yield Claim(Kind.SUM, tuple(line), value, slack, formula, 3 * asked, asked)


def _runs(line: Sequence[Named]) -> Iterator[list[Named]]:
    """Neighbours in the list, two to six."""
    for start in range(len(line)):
        for end in range(start + _MIN_PARTS, min(start + 6, len(line)) + 1):
            yield list(line[start:end])


def _shares_of_a_whole(one: Named, others: Sequence[Named]) -> Iterator[Claim]:
    """The last of the shares that make a hundred, when the group holds nothing but shares."""
    group = [each for each in others if each.group == one.group]
    if not group or not all(each.is_share for each in group) or any(each.row > one.row for each in group):
        return
    if not re.search(r"比例|占比|结构|构成|分配", "".join([*one.group, one.name])):
        return
    value = (_HUNDRED - sum((each.value for each in group), Fraction(0))) / _factor(one)
    slack = sum((each.ulp for each in group), Fraction(0)) / 2 / _factor(one)
    formula = f"{' + '.join(each.name for each in [*group, one])} = 100%"
    yield Claim(Kind.COMPLEMENT, tuple(group), value, slack, formula, 5, is_demanded=True, reach=_POINTS / _factor(one))
