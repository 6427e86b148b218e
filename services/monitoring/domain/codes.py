"""Code lists of households and members (代码表): stable codes, and the Chinese words by which files state them."""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class HouseholdType(StrEnum):
    """户类型: what the household was before and beside monitoring (1.5.1)."""

    POVERTY_LIFTED = "POVERTY_LIFTED"
    ORDINARY = "ORDINARY"


class Overlay(StrEnum):
    """低收入类别: groups that a household of either type may belong to (1.5.1)."""

    DIBAO = "DIBAO"
    TEKUN = "TEKUN"
    DIBAO_EDGE = "DIBAO_EDGE"
    RIGID_SPENDING = "RIGID_SPENDING"
    RELOCATED = "RELOCATED"
    DISABLED_POOR = "DISABLED_POOR"


class Labour(StrEnum):
    """劳动技能 (1.5.6)."""

    NORMAL = "NORMAL"
    SKILLED = "SKILLED"
    WEAK = "WEAK"
    LOST = "LOST"
    NONE = "NONE"


class Health(StrEnum):
    """健康状况; a person may have several."""

    HEALTHY = "HEALTHY"
    CHRONIC = "CHRONIC"
    SERIOUS = "SERIOUS"
    DISABLED = "DISABLED"


class Decrease(StrEnum):
    """自然减少的原因 (6.5)."""

    DEATH = "DEATH"
    MARRIED_OUT = "MARRIED_OUT"
    MOVED_OUT = "MOVED_OUT"
    PRISON = "PRISON"
    MISSING = "MISSING"


HEAD = "HEAD"
"""户主."""

RELATIONS: Mapping[str, str] = {
    HEAD: "户主",
    "SPOUSE": "配偶",
    "SON": "之子",
    "DAUGHTER": "之女",
    "SONS_WIFE": "之儿媳",
    "DAUGHTERS_HUSBAND": "之女婿",
    "SONS_SON": "之孙子",
    "SONS_DAUGHTER": "之孙女",
    "DAUGHTERS_SON": "之外孙子",
    "DAUGHTERS_DAUGHTER": "之外孙女",
    "GREAT_GRANDSON": "之曾孙子",
    "GREAT_GRANDDAUGHTER": "之曾孙女",
    "FATHER": "之父",
    "MOTHER": "之母",
    "WIFES_FATHER": "之岳父",
    "WIFES_MOTHER": "之岳母",
    "HUSBANDS_FATHER": "之公公",
    "HUSBANDS_MOTHER": "之婆婆",
    "FATHERS_FATHER": "之祖父",
    "FATHERS_MOTHER": "之祖母",
    "MOTHERS_FATHER": "之外祖父",
    "MOTHERS_MOTHER": "之外祖母",
    "SIBLING": "之兄弟姐妹",
    "BROTHERS_WIFE": "之兄弟媳妇",
    "UNCLE": "之叔伯",
    "NEPHEW": "之侄儿",
    "NIECE": "之侄女",
    "OTHER": "其他",
}
"""与户主关系 (1.5.4)."""

TYPE_NAMES: Mapping[HouseholdType, tuple[str, ...]] = {
    HouseholdType.POVERTY_LIFTED: ("脱贫户",),
    HouseholdType.ORDINARY: ("一般农户", "一般户"),
}
OVERLAY_NAMES: Mapping[Overlay, tuple[str, ...]] = {
    Overlay.DIBAO: ("农村低保", "低保"),
    Overlay.TEKUN: ("特困供养", "特困"),
    Overlay.DIBAO_EDGE: ("低保边缘家庭", "低保边缘"),
    Overlay.RIGID_SPENDING: ("刚性支出困难家庭", "刚性支出困难"),
    Overlay.RELOCATED: ("易地搬迁户", "易地搬迁"),
    Overlay.DISABLED_POOR: ("贫困残疾人户",),
}
LABOUR_NAMES: Mapping[Labour, tuple[str, ...]] = {
    Labour.NORMAL: ("普通劳动力",),
    Labour.SKILLED: ("技能劳动力",),
    Labour.WEAK: ("弱劳动力或半劳动力", "弱劳动力", "半劳动力"),
    Labour.LOST: ("丧失劳动力",),
    Labour.NONE: ("无劳动力",),
}
HEALTH_NAMES: Mapping[Health, tuple[str, ...]] = {
    Health.HEALTHY: ("健康",),
    Health.CHRONIC: ("长期慢性病", "慢性病"),
    Health.SERIOUS: ("患有大病", "大病"),
    Health.DISABLED: ("残疾",),
}


def health_text(codes: Iterable[Health]) -> str:
    """Health codes as they are sealed: sorted and joined."""
    return ",".join(sorted(codes))


def health_codes(text: str) -> tuple[Health, ...]:
    """The codes in what `health_text` made."""
    return tuple(Health(code) for code in text.split(",") if code)
