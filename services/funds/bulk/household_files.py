"""Rosters and bank results as files: headings in Chinese or English, every wrong cell told by row and column."""

import io
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from services.funds.domain.refusals import refusal
from shared.kernel.errors import Invalid, Violation
from shared.sheets.files import rows_of as rows_in_file

M = TypeVar("M", bound=BaseModel)

_SHOWN = 100
"""So many faults are told of one file."""

ROSTER_HEADINGS: Mapping[str, str] = {
    "序号": "seq",
    "户编码": "household_id",
    "人员编码": "person_id",
    "姓名": "person_name",
    "证件号码": "id_number",
    "社保卡号": "card_number",
    "开户银行": "bank_code",
    "行政村代码": "village",
    "期间": "period",
    "金额": "amount",
    "计发依据": "basis",
}
RESULT_HEADINGS: Mapping[str, str] = {
    "序号": "seq",
    "状态": "status",
    "失败代码": "fail_code",
    "银行流水号": "bank_serial",
    "日期": "on",
}


def rows_of(text: str, headings: Mapping[str, str], kind: type[M]) -> list[M]:
    """The rows of a file as values of `kind`; raises Invalid with all faults, and no cell's content."""
    lines = rows_in_file(io.StringIO(text, newline=""))
    names = [headings.get(cell.strip(), cell.strip()) for cell in next(lines, [])]
    _check_header(names, headings, kind)
    found: list[M] = []
    faults: list[Violation] = []
    for number, line in enumerate(lines, 2):
        if not any(line):
            continue
        cells = {name: cell.strip() for name, cell in zip(names, line, strict=False) if cell.strip()}
        try:
            found.append(kind.model_validate_strings(cells))
        except ValidationError as error:
            faults += _faults(number, error)
    if faults:
        raise Invalid(*faults[:_SHOWN])
    if not found:
        raise Invalid(_fault("FILE_EMPTY", "/file", "文件没有数据行", "the file holds no rows"))
    return found


def _check_header(names: list[str], headings: Mapping[str, str], kind: type[BaseModel]) -> None:
    known, required = set(headings.values()), {n for n, f in kind.model_fields.items() if f.is_required()}
    unknown, missing = [name for name in names if name not in known], sorted(required - set(names))
    if unknown or missing or len(set(names)) < len(names):
        raise Invalid(
            _fault(
                "FILE_HEADER",
                "/file/header",
                f"表头不符：缺少 {len(missing)} 列，多出 {len(unknown)} 列",
                f"the header lacks {', '.join(missing) or 'nothing'} and has {len(unknown)} unknown columns",
                columns=list(headings),
            ),
        )


def _faults(number: int, error: ValidationError) -> list[Violation]:
    return [
        _fault(
            "FIELD_INVALID",
            f"/file/{number}/{'/'.join(map(str, problem['loc']))}",
            f"第 {number} 行该栏不符合要求",
            f"row {number}: {problem['type']}",
        )
        for problem in error.errors(include_input=False, include_url=False, include_context=False)
    ]


def _fault(code: str, field: str, zh: str, en: str, **facts: object) -> Violation:
    return refusal(
        code, "D16", zh, en, ("按模板更正后重新上传", "correct the file and upload it again"), field, **facts
    )
