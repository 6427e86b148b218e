"""Rules of an entry itself: names, numbers and plans that must agree before anybody reviews it (domain-funds-assets §1.2)."""

import re
import unicodedata
from collections.abc import Collection, Iterator

from services.funds.domain.project_content import Benefit, ProjectContent
from shared.kernel.areas import AreaCode, AreaLevel
from shared.kernel.errors import Violation
from shared.kernel.money import PPM

INDUSTRY = "01"
"""Level-1 code of industry (产业发展)."""

LEVEL_3 = 6
"""Digits of a category code of level 3."""

_CORNERS = 3

_NOISE = re.compile(r"[\W_]+")


def text_key(text: str) -> str:
    """A text by which duplicates are found: width, case, blanks and punctuation do not count."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).casefold()


def project_code(area: int, plan_year: int, seq: int) -> str:
    """The project's number (项目编号): county, year, running number."""
    return f"{AreaCode(area).at(AreaLevel.COUNTY):012d}"[:6] + f"-{plan_year}-{seq:05d}"


def county_of(area: int) -> AreaCode:
    """The county whose ledger, library and indicators an area belongs to."""
    return AreaCode(area).at(AreaLevel.COUNTY)


def content_violations(content: ProjectContent, home: AreaCode) -> list[Violation]:
    """What is wrong with an entry by itself; all of it at once."""
    return [
        *_category(content),
        *_benefit(content.benefit),
        *_places(content, home),
        *_period(content),
        *_asset(content),
    ]


def _category(content: ProjectContent) -> Iterator[Violation]:
    if len(content.category) < LEVEL_3:
        yield _entry("CATEGORY_LEVEL", "/content/category", "须填写三级类别", "the category is stated at level 3")


def _benefit(benefit: Benefit) -> Iterator[Violation]:
    """Subgroups are parts of all; a household has at least one person (§1.2 benefit, scenario 11)."""
    pairs = (
        ("monitored_households", "households", benefit.monitored_households, benefit.households),
        ("monitored_persons", "persons", benefit.monitored_persons, benefit.persons),
        ("out_of_poverty_households", "households", benefit.out_of_poverty_households, benefit.households),
        ("out_of_poverty_persons", "persons", benefit.out_of_poverty_persons, benefit.persons),
        ("households", "persons", benefit.households, benefit.persons),
        ("monitored_households", "monitored_persons", benefit.monitored_households, benefit.monitored_persons),
        (
            "out_of_poverty_households",
            "out_of_poverty_persons",
            benefit.out_of_poverty_households,
            benefit.out_of_poverty_persons,
        ),
    )
    for part, whole, fewer, more in pairs:
        if fewer > more:
            yield Violation(
                "BENEFIT_NUMBERS",
                f"受益数不符：{_BENEFIT[part]}{fewer} 大于{_BENEFIT[whole]}{more}",
                f"beneficiaries do not fit: {part} {fewer} is more than {whole} {more}",
                rule="F-1.2-benefit",
                field=f"/content/benefit/{part}",
                remedy_zh="核对受益户数与人数",
                remedy_en="check households and persons",
                facts={part: fewer, whole: more},
            )


_BENEFIT = {
    "households": "受益户数",
    "persons": "受益人数",
    "out_of_poverty_households": "脱贫户数",
    "out_of_poverty_persons": "脱贫人数",
    "monitored_households": "监测户数",
    "monitored_persons": "监测人数",
}


def _places(content: ProjectContent, home: AreaCode) -> Iterator[Violation]:
    if sum(place.share_ppm for place in content.places) != PPM:
        yield _entry(
            "PLACE_SHARES",
            "/content/places",
            "各建设地点份额合计须为 1000000 ppm",
            "the shares of the places must add up to 1 000 000 ppm",
        )
    if len({place.village for place in content.places}) < len(content.places):
        yield _entry("PLACE_TWICE", "/content/places", "同一建设地点重复填写", "a place is listed twice")
    if any(0 < len(place.outline) < _CORNERS for place in content.places):
        yield _entry("PLACE_OUTLINE", "/content/places", "建设范围至少三个拐点", "an outline has three corners or more")
    outside = [str(place.village) for place in content.places if not county_of(home).contains(place.village)]
    if outside:
        yield _entry(
            "PLACE_OUTSIDE",
            "/content/places",
            "建设地点不在本县",
            "a place lies outside the county",
            outside=outside,
        )


def _period(content: ProjectContent) -> Iterator[Violation]:
    if content.ends_on < content.starts_on:
        yield _entry("PERIOD", "/content/ends_on", "完工日期早于开工日期", "the works end before they begin")


def _asset(content: ProjectContent) -> Iterator[Violation]:
    """Who forms an asset plans its class and its custody (§1.2 custody)."""
    if content.asset_forming and (content.asset_class is None or content.custody is None):
        yield _entry(
            "CUSTODY_PLAN",
            "/content/custody",
            "形成资产的项目须填写资产类别和管护方案",
            "a project that forms an asset states its class and its custody plan",
        )
    if content.asset_class is not None and not content.asset_forming:
        yield _entry(
            "ASSET_CLASS",
            "/content/asset_class",
            "不形成资产的项目不填资产类别",
            "a project that forms no asset has no asset class",
        )


def _entry(code: str, field: str, zh: str, en: str, /, **facts: object) -> Violation:
    return Violation(
        code,
        zh,
        en,
        rule="F-1.2",
        field=field,
        remedy_zh="核对后重新填写",
        remedy_en="check and enter it again",
        facts=facts,
    )


def unknown_code(field: str, code: str, year: int) -> Violation:
    """A category that the taxonomy of the year does not have."""
    return _entry(
        "UNKNOWN_CATEGORY", field, "该年度没有此类别代码", "the year has no such category", code=code, year=year
    )


def duplicate_name(name: str, year: int) -> Violation:
    """The village has a project of this name in this year (§1.2 identity)."""
    return Violation(
        "DUPLICATE_PROJECT",
        f"该村{year}年度已有同名项目：{name}",
        f"the village already has a project of this name in {year}",
        rule="F-1.2-name",
        field="/content/name",
        remedy_zh="核对是否重复申报；确属不同项目的，在名称中写明区别",
        remedy_en="check whether it was entered before; name the difference if it is another project",
        facts={"year": year},
    )


def is_industry(content: ProjectContent, flagged: Collection[str]) -> bool:
    """Whether the project counts towards the industry share; `flagged` are the categories that do."""
    return content.category in flagged if content.counts_as_industry is None else content.counts_as_industry


def is_industry_category(category: str) -> bool:
    """Whether market and benefit linkage are asked for: level 1 is industry."""
    return category.startswith(INDUSTRY)
