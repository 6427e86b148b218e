"""Citizens' queries (公众查询): each is noted before it is answered, limited per client, and knows no numbers or names."""

import base64
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import insert, update

from services.funds.commands.admission import require
from services.funds.tables.disclosures import AccessCode, PublicQuery
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.wire import Area
from shared.kernel.areas import AreaLevel
from shared.kernel.days import last_day
from shared.kernel.errors import Invalid, Violation, not_found
from shared.kernel.identity import normalized
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.vault.index import blind_index
from shared.vault.keys import KeyRing
from shared.workflow.desks import TOWNSHIP, VILLAGE

_SECRET_CHARACTERS = 12
_LINE_NUMBER = "household_line.id_number"

Index = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
"""A keyed hash as hex: what it stands for never enters a command."""

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
_ASKED = "SELECT count(*) FROM public_query WHERE client_index = $1 AND kind = $2 AND at > $3 AND verdict <> 'limited'"
_ASKED_AT_ALL = "SELECT count(*) FROM public_query WHERE client_index = $1 AND at > $2 AND verdict <> 'limited'"
_WRONG = """
SELECT count(*) FROM public_query
 WHERE (subject_index = $1 OR client_index = $2 AND kind = 'payments') AND at > $3 AND verdict = 'wrong'"""
_HOUSEHOLD = """
SELECT code.household_id FROM household_line AS line JOIN access_code AS code USING (household_id)
 WHERE line.claimed AND line.id_number_index = $1 AND code.code_index = $2 AND code.revoked_on IS NULL
   AND code.expires_on >= $3 LIMIT 1"""
_OF_NUMBER = """
SELECT household_id FROM household_line WHERE claimed AND id_number_index = $1 AND area_code = $2 LIMIT 1"""


class NoteQuery(Command):
    """Note a query of the public; `client` is a keyed hash of its address."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})

    client: Index
    kind: Literal["list", "snapshot", "open_data", "complaint", "receipt"]
    area_code: Area
    filters: tuple[Annotated[str, Field(pattern=r"^[a-z_]{1,20}$")], ...] = ()
    project_id: UUID | None = None


class CheckAccessCode(Command):
    """Check number and code of a household that asks for its own payments."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})

    client: Index
    subject: Index
    number: Index
    code: Index


class IssueAccessCode(Command):
    """Issue the code (查询码) that the village hands to a household on paper; the one before it ends."""

    ROLES: ClassVar[frozenset[Role]] = VILLAGE | TOWNSHIP

    area_code: Area
    id_number: Annotated[str, Field(min_length=15, max_length=22)]


class QueryNoted(BaseModel):
    """Whether the query may be answered."""

    verdict: Literal["answered", "limited"]


class CodeChecked(BaseModel):
    """Whether number and code belong together, and then the household."""

    verdict: Literal["answered", "wrong", "limited"]
    household_id: UUID | None = None


class CodeIssued(BaseModel):
    """The code's id and last day; the code itself is never stored."""

    id: UUID
    expires_on: date


def client_index(keys: KeyRing, address: str) -> str:
    """What stands for a client's address."""
    return blind_index(keys, "public_query.client", address).hex()


def number_indexes(keys: KeyRing, id_number: str) -> tuple[str, str]:
    """What stands for a number in the log, and what finds its payments; the one does not lead to the other."""
    plain = normalized(id_number)
    return blind_index(keys, "public_query.subject", plain).hex(), blind_index(keys, _LINE_NUMBER, plain).hex()


def code_index(keys: KeyRing, code: str) -> str:
    """What stands for a code or a receipt; spaces and dashes do not count."""
    return blind_index(keys, "access_code.code", code.replace("-", "").replace(" ", "").upper()).hex()


def code_of(keys: KeyRing, code_id: UUID) -> str:
    """The code on the paper: 60 bits that only the holder of the keys can make from the id."""
    secret = base64.b32encode(blind_index(keys, "access_code.secret", str(code_id))).decode()
    return secret[:_SECRET_CHARACTERS]


async def note_query(tx: Write, command: NoteQuery, ctx: Context) -> QueryNoted:
    """Insert the row; a client that asks too often is told so, and that is noted too."""
    client = bytes.fromhex(command.client)
    await tx.raw.execute(_LOCK, command.client)
    verdict: Literal["answered", "limited"] = "answered"
    if await _asked_too_often(tx, client, ctx) or (
        command.kind == "complaint" and await _complained_too_often(tx, client, ctx)
    ):
        verdict = "limited"
    noted = {"client_index": client, "kind": command.kind, "verdict": verdict, "area_code": int(command.area_code)}
    await _note(tx, ctx, {**noted, "filters": list(command.filters), "project_id": command.project_id})
    return QueryNoted(verdict=verdict)


async def check_access_code(tx: Write, command: CheckAccessCode, ctx: Context) -> CodeChecked:
    """Compare hashes; after too many wrong codes for a number or from a client neither is asked any more that day."""
    client, subject = bytes.fromhex(command.client), bytes.fromhex(command.subject)
    for name in sorted((command.client, command.subject)):
        await tx.raw.execute(_LOCK, name)
    tries = await tx.parameters.get("public_query.code_tries", 0, ctx.today)
    wrong = await tx.raw.fetchval(_WRONG, subject, client, ctx.now - timedelta(days=1))
    if wrong >= tries or await _asked_too_often(tx, client, ctx):
        checked = CodeChecked(verdict="limited")
    else:
        number, code = bytes.fromhex(command.number), bytes.fromhex(command.code)
        household = await tx.raw.fetchval(_HOUSEHOLD, number, code, ctx.today)
        checked = CodeChecked(verdict="answered" if household else "wrong", household_id=household)
    noted = {"client_index": client, "kind": "payments", "verdict": checked.verdict, "subject_index": subject}
    await _note(tx, ctx, noted)
    return checked


async def issue_access_code(tx: Write, command: IssueAccessCode, ctx: Context) -> CodeIssued:
    """Insert the hash of a new code; raises NotFound for a number without payments in the village."""
    require(ctx, command.ROLES, command.area_code)
    if command.area_code.level is not AreaLevel.VILLAGE:
        zh, en = "查询码由村发放", "a code is handed out by a village"
        raise Invalid(Violation("AREA_NOT_VILLAGE", zh, en, "F-6", "/area_code", "填写村级区划", "give a village"))
    _, number = number_indexes(ctx.keys, command.id_number)
    household = await tx.raw.fetchval(_OF_NUMBER, bytes.fromhex(number), int(command.area_code))
    if household is None:
        raise not_found("该户的发放记录", "payment to this household")
    live = (AccessCode.household_id == household) & AccessCode.revoked_on.is_(None)
    await tx.session.execute(update(AccessCode).where(live).values(revoked_on=ctx.today))
    days = await tx.parameters.get("public_query.code_days", command.area_code, ctx.today)
    code_id, expires_on = new_id(), last_day(ctx.today, days, ctx.calendar)
    tx.session.add(
        AccessCode(
            id=code_id,
            household_id=household,
            code_index=bytes.fromhex(code_index(ctx.keys, code_of(ctx.keys, code_id))),
            issued_on=ctx.today,
            expires_on=expires_on,
            revoked_on=None,
            area_code=int(command.area_code),
        )
    )
    tx.changed("access_code", code_id, command.area_code)
    return CodeIssued(id=code_id, expires_on=expires_on)


async def _asked_too_often(tx: Write, client: bytes, ctx: Context) -> bool:
    most: int = await tx.parameters.get("public_query.per_minute", 0, ctx.today)
    asked: int = await tx.raw.fetchval(_ASKED_AT_ALL, client, ctx.now - timedelta(minutes=1))
    return asked >= most


async def _complained_too_often(tx: Write, client: bytes, ctx: Context) -> bool:
    most: int = await tx.parameters.get("public_query.complaints_a_day", 0, ctx.today)
    asked: int = await tx.raw.fetchval(_ASKED, client, "complaint", ctx.now - timedelta(days=1))
    return asked >= most


async def _note(tx: Write, ctx: Context, values: Mapping[str, Any]) -> None:
    """Insert a row of the log."""
    query_id = new_id()
    blank: dict[str, Any] = {"filters": [], "project_id": None, "subject_index": None, "area_code": 0}
    await tx.session.execute(insert(PublicQuery).values({**blank, **values, "id": query_id, "at": ctx.now}))
    tx.changed("public_query", query_id, values.get("area_code", 0))


HANDLERS: dict[type[Command], Handler] = {
    NoteQuery: note_query,
    CheckAccessCode: check_access_code,
    IssueAccessCode: issue_access_code,
}
