"""What may be wrong with a field that a person or a file states: code, rule, and words that never repeat the value."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.kernel.errors import Violation


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong field (错误). A fault that does not block is told, and the field is taken as it is."""

    field: str
    code: str
    rule: str
    blocks: bool = True


@dataclass(frozen=True, slots=True)
class Words:
    """What a code says, and what to do about it."""

    zh: str
    en: str
    remedy_zh: str = "更正该栏后重新提交"
    remedy_en: str = "correct the field and send it again"


WORDS: Mapping[str, Words] = {
    "ID_MISSING": Words("缺少证件号码，或为临时占位号码", "the identity number is missing or a placeholder"),
    "ID_LENGTH": Words("证件号码位数不符（18、20或22位）", "an identity number has 18, 20 or 22 characters"),
    "ID_CHARACTERS": Words("证件号码含有不允许的字符", "the identity number holds a wrong character"),
    "ID_CHECK_DIGIT": Words("公民身份号码校验码不符", "the check digit of the identity number is wrong"),
    "ID_BIRTH_DATE": Words("证件号码中的出生日期无效", "the identity number holds no valid birth date"),
    "ID_LEGACY": Words("证件号码为15位旧号码", "the identity number has the former form of 15 digits"),
    "ID_PROVINCE": Words("证件号码的省份代码不存在", "the identity number begins with no known province"),
    "ID_PLACEHOLDER": Words("证件号码为临时占位号码", "the identity number is a placeholder"),
    "ID_DISABILITY_KIND": Words("残疾人证类别位无效", "the kind in the certificate number is wrong"),
    "ID_DISABILITY_LEVEL": Words("残疾人证等级位无效", "the level in the certificate number is wrong"),
    "ID_TWICE": Words("同一证件号码在本次提交中重复", "the same identity number is stated twice"),
    "ID_ACTIVE_ELSEWHERE": Words(
        "该证件号码已登记在另一户",
        "this identity number is active in another household",
        "先在原户办理自然减少，再登记到本户",
        "take the person off the other household first",
    ),
    "NAME_FORM": Words("姓名为空或含有数字", "the name is empty or holds digits"),
    "PHONE_FORM": Words("联系电话不是有效的手机号码", "the phone is no valid mobile number"),
    "RELATION_UNKNOWN": Words("与户主关系不在代码表内", "the relation to the head is not on the list"),
    "HOUSEHOLD_TYPE_UNKNOWN": Words("户类型不在代码表内", "the household type is not on the list"),
    "OVERLAY_UNKNOWN": Words("低收入类别不在代码表内", "the low-income group is not on the list"),
    "LABOUR_UNKNOWN": Words("劳动技能不在代码表内", "the labour code is not on the list"),
    "HEALTH_UNKNOWN": Words("健康状况不在代码表内", "the health code is not on the list"),
    "FLAG_FORM": Words("须填“是”或“否”", "yes or no is expected"),
    "HOUSEHOLD_NO_FORM": Words("户编号为空或过长", "the household number is empty or too long"),
    "HEAD_MISSING": Words("没有户主", "there is no head of household", "登记一名户主", "state one head"),
    "HEAD_TWICE": Words("户主多于一名", "there is more than one head", "只保留一名户主", "keep one head"),
    "HOUSEHOLD_CLOSED": Words(
        "该户已销户", "the household is closed", "以新的户编号登记", "register it under a new number"
    ),
    "AREA_FORM": Words("区划代码不是12位数字", "an area code has 12 digits"),
    "AREA_UNKNOWN": Words("区划代码不存在或已撤销", "there is no such division, or no longer"),
    "AREA_OUTSIDE": Words("该行不在本批次的行政区划内", "the row lies outside the area of the file"),
    "AREA_NOT_VILLAGE": Words("须填村级区划代码", "the code of a village is expected"),
    "AREA_DIFFERS": Words("同一户编号登记在另一村", "the household number is known in another village"),
    "AMOUNT_FORM": Words("金额不是最多两位小数的数字", "the amount is no number with at most two decimals"),
    "AMOUNT_NEGATIVE": Words("金额不得为负", "the amount may not be negative"),
    "DATE_FORM": Words("日期格式不符（YYYY-MM-DD）", "the date is not of the form YYYY-MM-DD"),
    "DATE_FUTURE": Words("日期晚于今天", "the date lies in the future"),
    "RECORD_NO_FORM": Words("结算编号为空或过长", "the settlement number is empty or too long"),
    "RECORD_TWICE": Words("同一结算编号在文件中重复", "the same settlement number occurs twice in the file"),
    "RECORD_DIFFERS": Words(
        "同一结算编号曾以另一人员或金额导入",
        "this settlement number was taken before with another person or amount",
        "与数据提供部门核对后另行更正",
        "clear it up with the department that sent it",
    ),
}


def violation(fault: Fault, pointer: str = "") -> Violation:
    """The fault as a refusal; `pointer` leads to the thing whose field it is."""
    words = WORDS[fault.code]
    return Violation(
        fault.code,
        words.zh,
        words.en,
        rule=fault.rule,
        field=f"{pointer}/{fault.field}",
        remedy_zh=words.remedy_zh,
        remedy_en=words.remedy_en,
    )
