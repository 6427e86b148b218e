"""Units as tables print them (计量单位): 万元, 亿元, 户, ‰, 元/亩; a factor and what is counted."""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

_MULTIPLES = {"百": 2, "千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8, "十亿": 9, "百亿": 10, "万亿": 12}
_WEIGHTS: dict[str, tuple[str, Fraction | int]] = {
    "元": ("元", 1),
    "人民币元": ("元", 1),
    "角": ("元", Fraction(1, 10)),
    "分": ("元", Fraction(1, 100)),
    "米": ("米", 1),
    "公里": ("米", 1000),
    "千米": ("米", 1000),
    "km": ("米", 1000),
    "m": ("米", 1),
    "公斤": ("公斤", 1),
    "千克": ("公斤", 1),
    "kg": ("公斤", 1),
    "斤": ("公斤", Fraction(1, 2)),
    "吨": ("公斤", 1000),
    "瓦": ("瓦", 1),
    "千瓦": ("瓦", 1000),
    "兆瓦": ("瓦", 10**6),
    "度": ("千瓦时", 1),
    "千瓦时": ("千瓦时", 1),
    "平方米": ("平方米", 1),
    "m2": ("平方米", 1),
    "公顷": ("平方米", 10_000),
}
_PLAIN = frozenset(
    re.split(
        r"\s+",
        """
人 名 户 个 项 件 村 亩 头 只 羽 匹 株 棵 座 处
套 家 笔 次 块 条 台 辆 所 份 宗 张 眼 口 栋 间
期 批 种 类 人次 户次 人口 劳动力 立方米 m3 方 升 天 日 月 年
岁 倍 袋 箱 枚 盏 床 位 元/亩 元/人 元/户 元/月 元/年 元/斤 元/公斤
""".strip(),
    )
)
_SHARES = {
    "%": Fraction(1, 100),
    "‰": Fraction(1, 1000),
    "百分点": Fraction(1, 100),
    "个百分点": Fraction(1, 100),
    "百分比": Fraction(1, 100),
}
SHARE = "比"
MONEY = "元"
_PLACED = re.compile(r"[((\[【〔](?P<inner>[^()()\[\]【】〔〕]{1,12})[))\]】〕]")
_AFTER = re.compile(r"(?:单位\s*[::]\s*|[/,、])\s*(?P<inner>[^\s,、;::]{1,8})\s*$")
_TABLE = re.compile(r"单\s*位\s*[::]\s*(?P<inner>[^\s,;;]{1,16})")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit (单位): `factor` of the base `base`. Two units can be compared when their bases are equal."""

    text: str
    factor: Fraction
    base: str

    @property
    def is_share(self) -> bool:
        return self.base == SHARE


@cache
def parse_unit(text: str) -> Unit | None:
    """The unit written as `text`, or None when it is none that we know."""
    text = text.strip().removesuffix("/").removeprefix("单位").strip(" :")
    if text in _SHARES:
        return Unit(text, _SHARES[text], SHARE)
    for length in (2, 1, 0):
        multiple, base = text[:length], text[length:]
        if length and multiple not in _MULTIPLES:
            continue
        factor = Fraction(10 ** _MULTIPLES.get(multiple, 0))
        if not length or base not in _MULTIPLES:
            if base in _WEIGHTS:
                name, weight = _WEIGHTS[base]
                return Unit(text, factor * Fraction(weight), name)
            if base in _PLAIN:
                return Unit(text, factor, base)
        if length and not base:
            return Unit(text, factor, "")
    return None


@cache
def unit_in(heading: str) -> Unit | None:
    """The unit that a heading carries: 金额(万元), 金额/万元, 支出率%."""
    for placed in reversed(list(_PLACED.finditer(heading))):
        for part in (placed["inner"], *re.split(r"[、,/]", placed["inner"])):
            if unit := parse_unit(part):
                return unit
    if after := _AFTER.search(heading):
        return parse_unit(after["inner"])
    return parse_unit(heading[-1]) if heading and heading[-1] in "%‰" else None


def units_of_table(text: str) -> list[Unit]:
    """Units of a line such as 单位:万元、户 above a table."""
    found = _TABLE.search(text)
    parts = re.split(r"[、,/]", found["inner"].rstrip(")")) if found else []
    return [unit for unit in (parse_unit(part) for part in parts) if unit]
