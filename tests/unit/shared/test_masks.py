"""Masked display (M-PI-05) and the filter of public texts (M-PI-06, A22)."""

import pytest

from shared.kernel.masks import (
    Personal,
    find_personal,
    mask_address,
    mask_bank_card,
    mask_id_number,
    mask_minor_name,
    mask_phone,
)
from shared.parameters.disease_words import DISEASE_WORDS


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("11010519491231002X", "110105**********2X"),
        ("110105491231002", "110105*******02"),
        ("11010519491231002X41", "110105**************"),
        ("11010519491231002X41B1", "110105****************"),
        ("E12345678", "*********"),
        ("", ""),
    ],
)
def test_id_numbers(number: str, shown: str) -> None:
    assert mask_id_number(number) == shown


@pytest.mark.parametrize(
    ("phone", "shown"), [("13812341234", "138****1234"), ("04591234567", "045****4567"), ("6181234", "*****34")]
)
def test_phones(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(("card", "shown"), [("6222021234567890123", "***************0123"), ("12345", "*****")])
def test_bank_cards(card: str, shown: str) -> None:
    assert mask_bank_card(card) == shown


@pytest.mark.parametrize(("name", "shown"), [("张小明", "张某"), ("欧阳小明", "欧阳某"), ("巴特尔", "巴某")])
def test_names_of_minors(name: str, shown: str) -> None:
    assert mask_minor_name(name) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("大同区八井子乡八井子村3组12号", "大同区八井子乡八井子村3组"),
        ("大同区八井子乡八井子村第三村民小组老王家", "大同区八井子乡八井子村第三村民小组"),
        ("石村镇李家村东头", "石村镇李家村"),
        ("和平街道和兴社区6号楼2单元", "和平街道和兴社区"),
        ("建设路18号", ""),
    ],
)
def test_addresses(address: str, shown: str) -> None:
    assert mask_address(address) == shown


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [
        pytest.param("户主身份证11010519491231002X。", Personal.ID_NUMBER, "11010519491231002X", id="A22 number"),
        pytest.param("证号110105 19491231 002x", Personal.ID_NUMBER, "110105 19491231 002x", id="spaced"),
        pytest.param(
            "证号１１０１０５１９４９１２３１００２Ｘ",
            Personal.ID_NUMBER,
            "１１０１０５１９４９１２３１００２Ｘ",
            id="full width",
        ),
        pytest.param("证号110105491231002", Personal.ID_NUMBER, "110105491231002", id="15 digits"),
        pytest.param("证号11010519491231002X43", Personal.ID_NUMBER, "11010519491231002X43", id="certificate"),
        pytest.param("电话13812341234", Personal.PHONE, "13812341234", id="A22 phone"),
        pytest.param("电话+86 138-1234-1234", Personal.PHONE, "+86 138-1234-1234", id="phone with prefix"),
        pytest.param("卡号6222021234567890123", Personal.BANK_CARD, "6222021234567890123", id="card"),
        pytest.param("卡号6222 0212 3456 7890 123", Personal.BANK_CARD, "6222 0212 3456 7890 123", id="spaced card"),
        pytest.param("编号110105194912310021", Personal.BANK_CARD, "110105194912310021", id="18 digits, no resident"),
        pytest.param("该户主患肺癌", Personal.DISEASE, "癌", id="A22 disease"),
        pytest.param("携带hiv", Personal.DISEASE, "hiv", id="any case"),
        pytest.param("残疾人家庭", Personal.DISABILITY, "残疾", id="disability"),
        pytest.param("其子肢体二级", Personal.DISABILITY, "肢体二级", id="level word"),
    ],
)
def test_personal_data_are_found_where_they_stand(text: str, kind: Personal, shown: str) -> None:
    hits = find_personal(text, DISEASE_WORDS)
    assert [(hit.kind, text[hit.start : hit.end]) for hit in hits] == [(kind, shown)]


@pytest.mark.parametrize(
    "text",
    [
        "大同区八井子乡八井子村三组,户主张三,4人,脱贫不稳定户,公示期2024-06-03至2024-06-08",
        "监督电话12317,0459-6161234",
        "总投资1950.00万元,合同编号20230606000123",
        "区划代码230606205201",
        "2021 2022 2023 2024 年度各安排资金",
        "中风险项目3个,一级公路2公里,大病保险已参保",
    ],
)
def test_what_may_be_published_passes(text: str) -> None:
    assert find_personal(text, DISEASE_WORDS) == []


def test_every_hit_is_told_in_order_and_the_longest_word_wins() -> None:
    text = "张三因尿毒症透析,电话13812341234"
    found = [(hit.kind, text[hit.start : hit.end]) for hit in find_personal(text, ["透析", "尿毒", "尿毒症"])]
    assert found == [(Personal.DISEASE, "尿毒症"), (Personal.DISEASE, "透析"), (Personal.PHONE, "13812341234")]


def test_without_words_only_numbers_and_disability_are_found() -> None:
    assert find_personal("患肺癌", []) == []
