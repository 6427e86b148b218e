"""Recording what the treasury paid (补录国库支付): lines find their contracts, what can be posted is, limits speak at once."""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import asyncpg

from services.funds.bulk import treasury as sets
from services.funds.bulk.treasury import Breach, NewInvoice, NewPayment, Outcome
from services.funds.commands.alert_runs import follow_findings
from services.funds.commands.contract_rows import contract_row
from services.funds.commands.limits import modes
from services.funds.commands.payments import INVOICE, PAYMENT_BINDING, next_of_contract
from services.funds.commands.treasury_policy import SHARES, DatedPolicy, dated_policy
from services.funds.domain.contracts import ContractMoney
from services.funds.domain.library import text_key
from services.funds.domain.limits import unverified
from services.funds.domain.payment_limits import Stage
from services.funds.domain.payments import CONTRACT_STATES
from services.funds.domain.postings import BOOK
from services.funds.domain.settlement import months_after
from services.funds.domain.treasury_matching import REASONS_ZH, OpenLine, Payees, Reason, Register
from services.funds.domain.treasury_posting import Held, Purses, Recorded, Standing, after, record, warning_of
from shared.cases.sets import Entry, advance_cases, open_cases
from shared.checks.commands import told_failure
from shared.checks.model import Check
from shared.checks.policy import Policy
from shared.checks.run import CheckFailed, attempt_check
from shared.commands.command import Context, Write
from shared.contracts.funds_project import PaymentDisbursed
from shared.contracts.parts import IndicatorAmount
from shared.kernel.actors import SYSTEM
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Violation
from shared.kernel.ids import new_ids
from shared.kernel.money import Fen
from shared.ledger.model import Amount
from shared.ledger.post import Posting, post_many
from shared.messaging.outbox import publish
from shared.parameters.model import Mode
from shared.vault.index import blind_index_many

NAME = "treasury_line.payee_name"
_PORTION = 5_000
"""Payments judged in one turn, and posted and published with one statement."""
_MODAL = ("LM06", "LM07", "LM11")
"""Limits that a county may switch off, or that are not verified."""
_FIELDS = (
    "certified advanced recouped worked refunded open_advance open_recoup open_cash retention retention_used claim"
)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """The contracts of some lines with all that their payments are judged by."""

    standings: Mapping[UUID, Standing]
    money: dict[UUID, ContractMoney]
    purses: Purses


async def record_lines(
    tx: Write, ctx: Context, area: AreaCode, checks: Sequence[Check], only: Collection[UUID] | None = None
) -> None:
    """Match and post the open lines of a county, or those named, and raise the alerts of what they broke."""
    waiting = await sets.open_lines(tx.raw, int(area), only)
    if waiting:
        known = await sets.payees_of(tx.raw, int(area))
        names = blind_index_many(ctx.keys, NAME, (text_key(each.name) for each in known))
        payees = Payees((each.id, each.account_index, name) for each, name in zip(known, names, strict=True))
        confirmed = {each.id for each in known if each.confirmed} | {None}
        found = [payees.find(each.account_index, each.name_index) for each in waiting]
        lines = [
            replace(each.line, payee_id=payee, payee_confirmed=payee in confirmed)
            for each, payee in zip(waiting, found, strict=True)
        ]
        await _record(tx, ctx, area, lines)
    await _speak(tx, ctx, checks)


async def _record(tx: Write, ctx: Context, area: AreaCode, lines: Sequence[OpenLine]) -> None:
    documents = await sets.documents_of(tx.raw, area.span)
    register = Register(await sets.bound_contracts(tx.raw, int(area)), documents.values())
    used = await sets.serials_used(tx.raw, int(area), [line.serial for line in lines])
    found = {line.id: Reason.SERIAL_USED if line.serial in used else register.match(line) for line in lines}
    matched = {contract for contract in found.values() if isinstance(contract, UUID)}
    loaded = await _load(tx.raw, matched, documents)
    policy = await dated_policy(tx, SHARES, area)
    ended: dict[UUID, Stage] = {}
    for start in range(0, len(lines), _PORTION):
        portion = lines[start : start + _PORTION]
        outcomes, recorded = await asyncio.to_thread(_judge, portion, found, loaded, policy)
        if outcomes:
            await sets.write_outcomes(tx.raw, outcomes)
        if recorded:
            await _write(tx, ctx, area, recorded, documents)
        ended |= {contract.id: each.stage for contract, each in recorded if contract.state in _last_states(each.stage)}
    # Contracts whose balance or retention arrived whole take their own step, one by one, as they seldom do.
    for contract_id, stage in ended.items():
        await next_of_contract(tx, await contract_row(tx, contract_id), stage, ctx)


def _judge(
    lines: Sequence[OpenLine], found: Mapping[UUID, UUID | Reason], loaded: _Loaded, policy: DatedPolicy
) -> tuple[list[Outcome], list[tuple[Standing, Recorded]]]:
    """The lines that wait and why, and those that can be posted: work for a thread."""
    outcomes: list[Outcome] = []
    recorded: list[tuple[Standing, Recorded]] = []
    for line in lines:
        match found[line.id]:
            case UUID() as contract_id:
                standing, money = loaded.standings[contract_id], loaded.money[contract_id]
                made = record(line, standing, money, loaded.purses, policy.shares_on(line.paid_on))
                if isinstance(made, Held):
                    outcomes.append(_held(made, contract_id))
                else:
                    loaded.money[contract_id] = after(money, made.moved)
                    recorded.append((standing, made))
            case Reason() as reason:
                facts = {"zh": REASONS_ZH[reason], "document_no": line.document_no, "contract_no": line.contract_no}
                outcomes.append(Outcome(line.id, "unmatched", reason, facts, None, None, line.payee_id))
    return outcomes, recorded


def _held(made: Held, contract_id: UUID) -> Outcome:
    facts = {"zh": made.violation.zh, "rule": made.violation.rule, "code": made.violation.code, **made.violation.facts}
    return Outcome(made.line.id, "held", made.reason, facts, contract_id, None, made.line.payee_id)


async def _load(raw: asyncpg.Connection, contracts: Collection[UUID], documents: Mapping[UUID, str]) -> _Loaded:
    projects, rows, around = await sets.locked_contracts(raw, contracts)
    standings = {row["id"]: _standing(row, projects[row["project_id"]], around[row["id"]]) for row in rows}
    held = await sets.held(raw, list(standings), {each.project_id for each in standings.values()})
    return _Loaded(standings, {row["id"]: _money(row) for row in rows}, Purses(held, documents))


def _standing(row: asyncpg.Record, project_state: str, around: asyncpg.Record) -> Standing:
    ends_from: date | None = around["accepted_on"] or row["completed_on"]
    return Standing(
        id=row["id"],
        project_id=row["project_id"],
        area=row["area_code"],
        payee_id=row["payee_id"],
        state=around["contract_state"],
        project_state=project_state,
        signed_on=row["signed_on"],
        accepted_on=around["accepted_on"],
        defects_until=ends_from and months_after(ends_from, row["defect_months"]),
        before_acceptance_ppm=row["before_acceptance_ppm"],
        held_by_goals=around["held_by_goals"],
    )


def _money(row: asyncpg.Record) -> ContractMoney:
    return ContractMoney(
        amount=row["amount_fen"],
        provisional=row["provisional_fen"],
        variations=row["variation_fen"],
        settlement=row["settlement_fen"],
        **{name: row[f"{name}_fen"] for name in _FIELDS.split()},
    )


async def _write(
    tx: Write,
    ctx: Context,
    area: AreaCode,
    recorded: Sequence[tuple[Standing, Recorded]],
    documents: Mapping[UUID, str],
) -> None:
    """Payments with their cases, postings, sums, outcomes and events: a statement or two for each table."""
    ids = new_ids(len(recorded))
    made = [(payment, contract, each) for payment, (contract, each) in zip(ids, recorded, strict=True)]
    await sets.insert_payments(
        tx.raw,
        [
            NewPayment(payment, each.line.id, contract.id, each.payee_id, each.stage, _recouped(each))
            for payment, contract, each in made
        ],
    )
    if invoices := _invoices(ctx, made):
        await sets.insert_invoices(tx.raw, invoices)
    entries = [Entry(payment, contract.area, None) for payment, contract, _ in made]
    system = replace(ctx, actor=SYSTEM)
    await open_cases(tx, system, PAYMENT_BINDING, entries, at_once="record")
    await advance_cases(tx, system, PAYMENT_BINDING, "record", entries, reason="国库支付明细")
    postings = [posting for payment, contract, each in made for posting in _postings(payment, contract, each)]
    await post_many(tx, ctx, BOOK, postings, area=area)
    await sets.add_money(tx.raw, _gained(recorded))
    await sets.write_outcomes(
        tx.raw,
        [
            Outcome(each.line.id, "posted", "", {}, contract.id, payment, each.payee_id)
            for payment, contract, each in made
        ],
    )
    breaches = list(await _breaches(tx, ctx, area, made))
    if breaches:
        await sets.write_breaches(tx.raw, breaches, ctx.today)
    for contract in {contract.id: contract for contract, _ in recorded}.values():
        tx.changed("contract", contract.id, contract.area)
    events = [_event(payment, contract, each, documents) for payment, contract, each in made]
    await publish(tx.raw, events, now=ctx.now, correlation=ctx.correlation, causation=ctx.cause or ctx.id)


def _invoices(ctx: Context, made: Sequence[tuple[UUID, Standing, Recorded]]) -> list[NewInvoice]:
    named = [(payment, contract, each.line) for payment, contract, each in made if each.line.invoice]
    indexes = blind_index_many(ctx.keys, INVOICE, (line.invoice for _, _, line in named))
    return [
        NewInvoice(payment, line.invoice, index, line.amount, line.paid_on, contract.area)
        for (payment, contract, line), index in zip(named, indexes, strict=True)
    ]


def _recouped(each: Recorded) -> Fen:
    return each.moved["recouped"]


def _postings(payment: UUID, contract: Standing, each: Recorded) -> Iterator[Posting]:
    cells = {"project_id": contract.project_id, "contract_id": contract.id, "payment_id": payment}
    for template, parts in each.postings:
        amounts = [Amount(fen, group, cells, year) for (group, year), fen in parts.items()]
        yield Posting(template, f"payment:{payment}:1", amounts, each.line.paid_on)


def _gained(recorded: Sequence[tuple[Standing, Recorded]]) -> dict[UUID, dict[str, Fen]]:
    sums: dict[UUID, dict[str, Fen]] = {}
    for contract, each in recorded:
        own = sums.setdefault(contract.id, {})
        for name, fen in each.moved.items():
            own[name] = own.get(name, 0) + fen
    return sums


async def _breaches(
    tx: Write, ctx: Context, area: AreaCode, made: Sequence[tuple[UUID, Standing, Recorded]]
) -> Iterator[Breach]:
    """The limits that were broken, in the words of the county's policy: not verified, or not at all."""
    mode = await modes(tx, _MODAL, area, ctx.today)

    def told() -> Iterator[Breach]:
        for payment, contract, each in made:
            for broken in each.breaches:
                said = _in_mode(broken, mode.get(broken.rule, Mode.BLOCK))
                if said is not None:
                    warning = warning_of(said.rule)
                    yield Breach(payment, said.rule, said.code, contract.area, warning, said.zh, said.facts)

    return told()


def _in_mode(broken: Violation, mode: Mode) -> Violation | None:
    return None if mode is Mode.OFF else unverified(broken) if mode is Mode.WARN else broken


def _event(payment: UUID, contract: Standing, each: Recorded, documents: Mapping[UUID, str]) -> PaymentDisbursed:
    sums: dict[UUID, Fen] = {}
    for (indicator, _), fen in each.paid.items():
        sums[indicator] = sums.get(indicator, 0) + fen
    return PaymentDisbursed(
        area_code=AreaCode(contract.area),
        project_id=contract.project_id,
        payment_id=payment,
        contract_id=contract.id,
        amount=each.line.amount,
        split=tuple(
            IndicatorAmount(indicator_id=key, document_no=documents[key], amount=sums[key]) for key in sorted(sums)
        ),
        stage=each.stage,
        paid_on=each.line.paid_on,
    )


def _last_states(stage: Stage) -> frozenset[str]:
    return CONTRACT_STATES[stage] if stage in {Stage.BALANCE, Stage.RETENTION} else frozenset()


async def _speak(tx: Write, ctx: Context, checks: Sequence[Check]) -> None:
    """Let the rules that look at payments speak now, and not with the night's run."""
    policy = Policy(tx.parameters.declared, ctx.calendar)
    for check in checks:
        made = await attempt_check(tx.raw, check, now=ctx.now, policy=policy)
        if isinstance(made, CheckFailed):
            told_failure(tx, made)
    await follow_findings(tx, replace(ctx, actor=SYSTEM))
