"""The columns of library tables (项目库表) under the headings that counties give them."""

import re
from collections.abc import Mapping, Sequence

from services.funds.domain.library import text_key
from shared.sheets.headings import Path

LABELS = ("label1", "label2", "label3")
"""The county's own words for the category, from the large to the small."""

REQUIRED = ("name",)

_ALIASES: Mapping[str, tuple[str, ...]] = {
    "seq": ("序号", "编号"),
    "label1": ("项目类别", "项目类型", "大类", "一级类别", "项目大类", "类别", "一级项目类型", "项目分类"),
    "label2": ("二级项目类型", "二级类别", "项目二级类别", "二级类型"),
    "label3": ("项目子类型", "小类", "三级类别", "项目子类别", "项目小类", "三级类型", "子类型"),
    "township": ("乡镇", "所属乡镇", "乡镇名称", "镇", "乡"),
    "village": ("村", "行政村", "村社区", "项目村", "村名", "所在村", "村名称", "实施村"),
    "place": ("实施地点", "建设地点", "项目地点", "地点", "项目实施地点"),
    "village_kind": ("村类型", "村属性", "是否脱贫村"),
    "name": ("项目名称", "名称"),
    "nature": ("建设性质", "项目性质"),
    "starts_on": ("计划开工时间", "开工时间", "开始时间", "计划开工日期"),
    "ends_on": ("计划完工时间", "完工时间", "结束时间", "计划完工日期", "竣工时间"),
    "unit": ("责任单位", "实施单位", "项目实施单位", "项目单位", "建设单位"),
    "authority": ("主管部门", "行业主管部门", "主管单位", "项目主管单位", "行业部门"),
    "content": ("建设内容及规模", "建设内容", "主要建设内容", "建设任务", "建设内容与规模", "主要建设内容及规模"),
    "total": (
        "总投资",
        "投资总额",
        "资金规模",
        "投资规模",
        "预算总投资",
        "项目预算总投资",
        "金额",
        "合计",
        "资金规模合计",
    ),
    "money.central": ("中央", "中央资金", "中央衔接资金", "中央财政衔接资金", "中央财政资金"),
    "money.provincial": ("省级", "省级资金", "省级衔接资金", "省级财政衔接资金", "自治区资金", "省"),
    "money.city": ("市级", "市级资金", "市级衔接资金", "市"),
    "money.county": ("县级", "区级", "县级资金", "县级衔接资金", "县", "区"),
    "money.linkage": ("衔接资金", "财政衔接资金", "财政资金", "财政衔接补助资金", "其中财政资金", "其中衔接资金"),
    "money.integrated": ("统筹整合资金", "整合资金", "涉农整合资金"),
    "money.sector": ("行业资金", "行业部门资金", "部门资金"),
    "money.bond": ("债券资金", "政府债券"),
    "money.east_west": ("东西部协作资金", "协作资金"),
    "money.donation": ("社会资金", "社会捐赠", "捐赠资金"),
    "money.self_raised": ("自筹资金", "自筹", "群众自筹", "其他资金", "其他", "其中其他资金"),
    "households": ("受益户数", "受益总户数", "受益户", "总户数", "户数"),
    "persons": ("受益人数", "受益人口", "受益人口数", "受益总人口", "受益总人数", "总人数", "人数"),
    "out_of_poverty_households": ("受益脱贫户数", "脱贫户数", "受益脱贫户", "其中脱贫户数"),
    "out_of_poverty_persons": ("受益脱贫人口数", "脱贫人口数", "脱贫人数", "受益脱贫人数"),
    "monitored_households": ("受益监测户数", "监测户数", "监测对象户数"),
    "monitored_persons": ("受益监测人口数", "监测人数", "监测对象人数", "受益监测人数"),
    "goals": ("绩效目标", "总体绩效目标", "预期绩效目标", "项目绩效目标"),
    "linkage": ("联农带农机制", "利益联结机制", "群众参与和利益联结机制", "群众参与机制", "带贫减贫机制"),
}
_UNIT = re.compile(r"[（(]\s*(万元|元|个|户|人|年|栋|%)\s*[）)]|单位[：:].*$")
_NAMES = {text_key(alias): name for name, aliases in _ALIASES.items() for alias in aliases}
_WAN, _YUAN = "万元", "元"


def column_named(path: Path) -> str | None:
    """The column that the words above it mean: all of them together, then the innermost alone, outwards."""
    words = [text_key(_UNIT.sub("", word)) for word in path]
    for name in ("".join(words), *reversed(words)):
        if found := _NAMES.get(name):
            return found
    return None


def places_of(paths: Sequence[Path]) -> dict[str, int]:
    """Where each known column stands; of two with one meaning the first."""
    found: dict[str, int] = {}
    for place, path in enumerate(paths):
        name = column_named(path) if path else None
        if name and name not in found:
            found[name] = place
    return found


def is_wan(paths: Sequence[Path], titles: Sequence[Sequence[str]]) -> bool | None:
    """Whether amounts are in 万元, as headings or titles say; None when neither says."""
    money = [path for path in paths if (column_named(path) or "").startswith(("total", "money."))]
    for text in ("".join("".join(path) for path in money), "".join("".join(row) for row in titles)):
        if _WAN in text:
            return True
        if _YUAN in text:
            return False
    return None
