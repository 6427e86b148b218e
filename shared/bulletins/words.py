"""Words that tables use for their parts: totals, 其中, serial numbers, ranks, rates, footnotes. Hints, never proof."""

import re
from enum import StrEnum

_NUMBERING = re.compile(r"^[(]?[一二三四五六七八九十\d]{1,3}[)、.,:]+|[(][^()]*[)]|[:*\s]")
_GRAND = re.compile(
    r"(.*[^统共])?(合计|总计|共计)|合计数|总合计|总数|汇总|总和|计|合计金额"
    r"|全[县市省区州盟旗乡镇村国]([合总共小]计)?|[县市省区州乡镇]级?[合总]计|grandtotal|total|sum|all"
)
_SUB = re.compile(r".*(小计|分计)|sub-?total")
_PART = re.compile(r"^\W*(其中|#|含[:])")
_NOTE = re.compile(
    r"^\W*(注|备注|说明|附注|填表|填报|制表|审核|复核|单位负责人|负责人|联系|资料来源|数据来源|来源:|note|source)"
)
_SERIAL = re.compile(r"(序号|编号|行次|栏次|项次|顺序号|no\.?|#|id|serial)", re.IGNORECASE)
_CODE = re.compile(
    r"(代码|编码|电话|手机|身份证|账号|卡号|文号|邮编|年份|年度|日期|时间|code|phone|year|date)$", re.IGNORECASE
)
_RANK = re.compile(r"(排名|名次|位次|排序|排位|位居|rank)", re.IGNORECASE)
_RATE = re.compile(
    r"率|占比|比例|比重|百分比|百分点|进度|增长|增幅|增速|涨幅|降幅|同比|环比|%|‰|倍|指数|得分|评分|均分|percent|ratio|rate|share",
    re.IGNORECASE,
)
_SHARE = re.compile(r"占|比重|构成|结构|比例|份额|share", re.IGNORECASE)
_MEAN = re.compile(
    r"人均|户均|村均|亩均|县均|镇均|乡均|件均|均价|单价|平均|标准|价格|每|average|mean|price", re.IGNORECASE
)
_REST = re.compile(
    r"结余|余额|结转|未|剩余|差额|缺口|增减|净|增加|减少|变动|较上|比上|超额|欠|balance|change|rest", re.IGNORECASE
)
_WHOLE = re.compile(r"合计|总计|小计|共计|总[^结]|^总|计$|total|sum", re.IGNORECASE)
_COUNT = re.compile(r"(个数|数量|项目数|户数|人数|村数|笔数|次数|件数|家数|总数|[个户项村件家笔]数)")
_COUNTED = re.compile(r"[(共计,](?P<count>\d{1,5})\s*(?P<unit>[个户项村人家宗处笔件条])")


_OUTLINE = (
    re.compile(r"[一二三四五六七八九十]{1,3}([、.,:\s]|$)"),
    re.compile(r"\([一二三四五六七八九十]{1,3}\)"),
    re.compile(r"\d{1,2}[、.](?!\d)"),
    re.compile(r"\(\d{1,2}\)"),
)


_DOTTED = re.compile(r"\d{1,2}(\.\d{1,2}){0,2}")


class Standing(StrEnum):
    """What a row is by its words (行的性质)."""

    ITEM = "item"
    GRAND = "grand"
    SUB = "sub"
    PART = "part"


def standing(labels: list[str]) -> Standing:
    """What the words of a row's labels say: 合计, 小计, 其中 or an ordinary row."""
    plain = [_NUMBERING.sub("", label).lower() for label in labels]
    if any(_SUB.fullmatch(each) for each in plain):
        return Standing.SUB
    if any(_GRAND.fullmatch(each) for each in plain):
        return Standing.GRAND
    return Standing.PART if any(_PART.match(label) for label in labels) else Standing.ITEM


def outline(label: str, *, is_dotted: bool = False) -> int:
    """The level that a row is numbered on: 1 一、 2 (一) 3 1. 4 (1); where 1.1 occurs 3 is 1 and 5 is 1.1; 0 without."""
    if is_dotted and _DOTTED.fullmatch(label):
        return 3 + 2 * label.count(".")
    return next((level for level, form in enumerate(_OUTLINE, start=1) if form.match(label)), 0)


def is_dotted(label: str) -> bool:
    return "." in label and _DOTTED.fullmatch(label) is not None


def stem_of_total(label: str) -> str:
    """来源 of 来源合计, 产业 of 产业小计; empty when the label is the word alone."""
    return re.sub(r"(合计|总计|小计|共计|分计)$", "", _NUMBERING.sub("", label))


def counted(label: str) -> int | None:
    """16 of 合计(16个): how many rows a label says there are."""
    found = _COUNTED.search(label.replace("（", "("))
    return int(found["count"]) if found else None


def is_note(text: str) -> bool:
    return bool(_NOTE.match(text.lower()))


def is_serial(heading: str) -> bool:
    return bool(_SERIAL.fullmatch(heading.replace(" ", "")))


def is_code(heading: str) -> bool:
    return bool(_CODE.search(heading.replace(" ", "")))


def is_rank(heading: str) -> bool:
    return bool(_RANK.search(heading))


def is_rate(heading: str) -> bool:
    return bool(_RATE.search(heading))


def is_share(heading: str) -> bool:
    return bool(_SHARE.search(heading))


def is_mean(heading: str) -> bool:
    return bool(_MEAN.search(heading))


def is_rest(heading: str) -> bool:
    return bool(_REST.search(heading))


def is_whole(heading: str) -> bool:
    return bool(_WHOLE.search(heading))


def is_count(heading: str) -> bool:
    return bool(_COUNT.search(heading))
