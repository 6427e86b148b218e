"""Public notices (公示公告): posted by entering a state, proven on their first and last day, open to objections."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from shared.cases.binding import Binding, CaseRow
from shared.commands.command import Context, Write
from shared.kernel.errors import Refused, Violation, not_found
from shared.kernel.masks import find_personal
from shared.workflow.model import Publicity

FORBIDDEN_WORDS = "publicity.forbidden_words"

_POST = """
INSERT INTO case_notice(id, case_id, state, level, round, posted_on, last_day, permanent, content, content_sha256, area_code)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::jsonb, $10, $11)"""
_POST_ALL = """
INSERT INTO case_notice(id, case_id, state, level, round, posted_on, last_day, permanent, content, content_sha256, area_code)
SELECT id, case_id, $1, $2, turn, $3, $3, true, content::jsonb, sha256, area_code
  FROM unnest($4::uuid[], $5::uuid[], $6::int[], $7::text[], $8::bytea[], $9::bigint[])
    AS given(id, case_id, turn, content, sha256, area_code)"""
_CLOSE = "UPDATE case_notice SET closed_on = $2 WHERE id = $1"
_RUNNING = """
SELECT id, posted_on, last_day, area_code FROM case_notice
 WHERE case_id = $1 AND closed_on IS NULL AND NOT permanent FOR UPDATE"""
_PROVE = "UPDATE case_notice SET first_proof = coalesce(first_proof, $2), last_proof = coalesce(last_proof, $3) WHERE id = $1"
_TAKEN_ON = "SELECT taken_on FROM case_evidence WHERE id = $1"


class Posting(NamedTuple):
    """The announcement of one case among many."""

    case_id: UUID
    version: int
    round: int
    area: int
    content: Mapping[str, Any]


async def post(tx: Write, ctx: Context, binding: Binding, case: CaseRow, publicity: Publicity, until: date) -> UUID:
    """Post the notice of the state just entered; raises Refused when its text holds personal data (M-PI-06, A22)."""
    content = dict(await binding.notice(tx, case, ctx)) if binding.notice else {}
    words = await tx.parameters.get(FORBIDDEN_WORDS, case.area, ctx.today)
    refuse_personal(content, words)
    body = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    notice_id = ctx.id_for(f"notice:{case.id}:{case.version}")
    await tx.raw.execute(
        _POST,
        notice_id,
        case.id,
        case.state,
        publicity.level,
        case.round,
        ctx.today,
        until,
        publicity.permanent,
        body.decode(),
        hashlib.sha256(body).digest(),
        int(case.area),
    )
    return notice_id


async def post_announcements(
    tx: Write, ctx: Context, postings: Sequence[Posting], state: str, publicity: Publicity
) -> None:
    """Post the permanent notices of many cases that entered `state` together; their texts were looked through before."""
    bodies = [orjson.dumps(dict(each.content), option=orjson.OPT_SORT_KEYS) for each in postings]
    await tx.raw.execute(
        _POST_ALL,
        state,
        publicity.level,
        ctx.today,
        [ctx.id_for(f"notice:{each.case_id}:{each.version}") for each in postings],
        [each.case_id for each in postings],
        [each.round for each in postings],
        [body.decode() for body in bodies],
        [hashlib.sha256(body).digest() for body in bodies],
        [each.area for each in postings],
    )


async def close(tx: Write, notice_id: UUID, today: date) -> None:
    """End a notice when its state is left."""
    await tx.raw.execute(_CLOSE, notice_id, today)


async def prove(tx: Write, case_id: UUID, evidence_id: UUID) -> str:
    """Attach a dated photo: of the first day, or of the last day or later. Gives which of the two it proves."""
    notice = await tx.raw.fetchrow(_RUNNING, case_id)
    taken_on: date | None = await tx.raw.fetchval(_TAKEN_ON, evidence_id)
    if notice is None or taken_on is None:
        raise not_found("公示或佐证照片", "running notice or dated photo")
    first, last = taken_on == notice["posted_on"], taken_on >= notice["last_day"]
    if not (first or last):
        raise Refused(
            Violation(
                "PROOF_DATE",
                f"照片日期须为公示首日（{notice['posted_on']}）或末日（{notice['last_day']}）",
                f"the photo must be of the first ({notice['posted_on']}) or last day ({notice['last_day']})",
                rule="§1.5",
                field="/evidence_id",
                remedy_zh="在首日和末日各拍一张带日期的照片",
                remedy_en="take one dated photo on each of the two days",
            ),
        )
    await tx.raw.execute(_PROVE, notice["id"], evidence_id if first else None, evidence_id if last else None)
    tx.changed("notice", notice["id"], notice["area_code"])
    return "first_day" if first else "last_day"


def refuse_personal(content: Mapping[str, Any], words: tuple[str, ...]) -> None:
    """Raise Refused with the place and kind of every personal datum in a text that is to be public (M-PI-06)."""
    if found := personal_data(content, words):
        raise Refused(*found)


def personal_data(content: Mapping[str, Any], words: tuple[str, ...]) -> tuple[Violation, ...]:
    """The place and kind of every personal datum in a text that is to be public (M-PI-06)."""
    return tuple(
        Violation(
            "PERSONAL_DATA_IN_NOTICE",
            "公示内容含个人信息，不得发布",
            "the notice contains personal data and may not be published",
            rule="M-PI-06",
            field=pointer,
            remedy_zh="删去证件号、电话、账号和疾病、残疾等内容",
            remedy_en="remove numbers, phones, accounts, and anything about health or disability",
            facts={"kind": str(hit.kind)},
        )
        for pointer, text in _texts(content, "")
        for hit in find_personal(text, words)
    )


def _texts(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, f"{pointer}/{key}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{pointer}/{index}")
