"""Routes of household batches (到户补贴批次): made of JSON or CSV, answered by the bank, corrected, recovered."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.funds.commands import recoveries, subsidies, subsidy_results
from services.funds.commands.subsidy_files import decoded
from services.funds.queries import subsidies as shown
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.http.auth import Reading
from shared.http.concurrency import tagged
from shared.http.running import Answer, Paging, Run, gives

router = APIRouter(tags=["到户补贴 / household subsidies"])
_CSV = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}}}}


async def csv_text(request: Request) -> str:
    """The body of a CSV upload as text, in UTF-8 or GB18030."""
    return decoded(await request.body())


CsvText = Annotated[str, Depends(csv_text)]


@router.post("/household-batches", status_code=201, summary="建立补贴批次 / make a batch")
async def create_batch(
    body: subsidies.CreateBatch,
    run: Annotated[Run, gives(subsidies.CreateBatch)],
) -> Answer[subsidies.BatchMade]:
    """Make a batch of the given lines; the header states count and total of them."""
    return await run(body)


@router.post(
    "/household-batches/import",
    status_code=201,
    summary="导入补贴名册 / import a roster",
    openapi_extra=_CSV,
)
async def import_batch(
    content: CsvText,
    run: Annotated[Run, gives(subsidies.ImportBatch)],
    header: Annotated[subsidies.RosterHeader, Query()],
) -> Answer[subsidies.BatchMade]:
    """Make a batch of a CSV roster; one wrong row refuses the file, with every wrong cell named."""
    return await run(subsidies.ImportBatch(**header.model_dump(), content=content))


@router.post("/household-batches/{batch_id}/removals", summary="剔除名册行 / remove a line")
async def remove_line(
    batch_id: UUID,
    body: subsidies.RemovalFields,
    run: Annotated[Run, gives(subsidies.RemoveLine)],
) -> Answer[subsidies.BatchMade]:
    """Take a line off a draft roster with its reason."""
    return await run(subsidies.RemoveLine(batch_id=batch_id, seq=body.seq, reason=body.reason))


@router.post("/household-batches/{batch_id}/bank-results", status_code=201, summary="登记银行回执 / take a bank result")
async def receive_result(
    batch_id: UUID,
    body: subsidy_results.ResultFields,
    run: Annotated[Run, gives(subsidy_results.ReceiveBankResult)],
) -> Answer[subsidy_results.ResultTaken]:
    """Take what the bank answered to one instruction of the batch; one impossible line refuses the answer."""
    return await run(
        subsidy_results.ReceiveBankResult(batch_id=batch_id, instruction_no=body.instruction_no, results=body.results)
    )


@router.post(
    "/household-batches/{batch_id}/bank-results/import",
    status_code=201,
    summary="导入银行回执 / import a bank result",
    openapi_extra=_CSV,
)
async def import_result(
    batch_id: UUID,
    content: CsvText,
    run: Annotated[Run, gives(subsidy_results.ImportBankResult)],
    instruction_no: Annotated[int, Query(ge=1, description="支付指令序号 / instruction")],
) -> Answer[subsidy_results.ResultTaken]:
    """Likewise, as a CSV file."""
    return await run(
        subsidy_results.ImportBankResult(batch_id=batch_id, instruction_no=instruction_no, content=content)
    )


@router.get("/household-batches", summary="补贴批次列表 / batches")
async def list_batches(
    session: Reading,
    page: Paging,
    area_code: Annotated[Area | None, Query(description="区划代码 / area code")] = None,
    project_id: Annotated[UUID | None, Query(description="项目 / project")] = None,
) -> Page[shown.BatchListed]:
    """The batches of an area or a project."""
    return await shown.list_batches(session, page, area_code, project_id)


@router.get("/household-batches/{batch_id}", summary="补贴批次详情 / one batch")
async def batch(batch_id: UUID, session: Reading, response: Response) -> shown.BatchShown:
    """One batch with its sums by outcome."""
    return tagged(response, await shown.one_batch(session, batch_id))


@router.get("/household-batches/{batch_id}/lines", summary="补贴明细 / lines of a batch")
async def batch_lines(
    batch_id: UUID,
    session: Reading,
    page: Paging,
    outcome: Annotated[shown.OutcomeOf | None, Query(description="结果 / outcome")] = None,
) -> Page[shown.LineShown]:
    """The lines of a batch, without any personal field."""
    return await shown.list_lines(session, page, batch_id, outcome)


@router.post("/household-lines/{line_id}/correction", summary="更正退票明细 / correct a line")
async def correct_line(
    line_id: UUID,
    body: recoveries.CorrectionFields,
    run: Annotated[Run, gives(recoveries.CorrectLine)],
) -> Answer[recoveries.LineMoved]:
    """Give a failed line another account; it goes out again with the batch's step `reissue`."""
    return await run(recoveries.CorrectLine(line_id=line_id, card_number=body.card_number, bank_code=body.bank_code))


@router.post("/household-lines/{line_id}/recovery", summary="决定追回 / open a recovery")
async def open_recovery(
    line_id: UUID,
    run: Annotated[Run, gives(recoveries.OpenRecovery)],
) -> Answer[recoveries.LineMoved]:
    """Decide that a paid line was wrong."""
    return await run(recoveries.OpenRecovery(line_id=line_id))


@router.post("/household-lines/{line_id}/refund", status_code=201, summary="登记追回到账 / book a recovery")
async def receive_recovery(
    line_id: UUID,
    body: recoveries.RecoveryFields,
    run: Annotated[Run, gives(recoveries.ReceiveRecovery)],
) -> Answer[recoveries.LineMoved]:
    """Book what came back of a wrong line; `/refunds/{id}/release` gives it back to the quota."""
    return await run(recoveries.ReceiveRecovery(line_id=line_id, **body.model_dump()))


@router.post("/recipient-ends", status_code=201, summary="登记停发 / end a recipient")
async def end_recipient(
    body: recoveries.EndRecipient,
    run: Annotated[Run, gives(recoveries.EndRecipient)],
) -> Answer[recoveries.RecipientEnded]:
    """Note a death or removal: payments stop from the next month."""
    return await run(body)
