"""How a project's money becomes assets (资产形成, domain-funds-assets §7.4): values and source shares to the fen."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.kernel.errors import Refused, Violation
from shared.kernel.money import PPM, Fen, format_yuan, split, split_remaining


@dataclass(frozen=True, slots=True)
class Source:
    """One source of a project's money and what it bears."""

    indicator_id: UUID
    document_no: str
    level: str
    category: str
    amount: Fen


def provisional_values(total: Fen, direct: Sequence[Fen]) -> list[Fen]:
    """The provisional value (暂估价值) of a project over its draft list, in proportion to direct cost."""
    return _in_proportion(total, direct)


def final_values(settlement: Fen, indirect: Fen, direct: Sequence[Fen]) -> list[Fen]:
    """Each asset's part of the settlement, unpaid retention included, and of the indirect costs.

    Both go by direct cost and largest remainder; when the direct costs make the settlement, each keeps its own.
    """
    return [
        own + share
        for own, share in zip(_in_proportion(settlement, direct), _in_proportion(indirect, direct), strict=True)
    ]


def _in_proportion(total: Fen, weights: Sequence[Fen]) -> list[Fen]:
    return split(total, weights if any(weights) else [1] * len(weights))


def source_shares(amounts: Sequence[Fen]) -> list[int]:
    """The shares (资金来源占比) in ppm, exactly 1 000 000 together; ties go to the earlier source."""
    return split(PPM, amounts)


def source_amounts(values: Sequence[Fen], sources: Sequence[Fen]) -> list[list[Fen]]:
    """What each source bears of each asset: rows make the assets' values, columns the sources, to the fen."""
    left = list(sources)
    rows = []
    for value in values:
        row = split_remaining(value, left)
        left = [held - taken for held, taken in zip(left, row, strict=True)]
        rows.append(row)
    return rows


def list_makes_settlement(settlement: Fen, direct: Sequence[Fen]) -> Violation | None:
    """The settled list (资产清单) states direct costs that make the settlement."""
    if not direct or sum(direct) == settlement:
        return None
    return Violation(
        "ASSET_LIST_SUM",
        f"资产清单合计 {format_yuan(sum(direct))} 元，与结算价 {format_yuan(settlement)} 元不符",
        f"the asset list makes {format_yuan(sum(direct))} yuan, the settlement is {format_yuan(settlement)}",
        rule="F-7.4",
        field="/asset_list",
        remedy_zh="核对资产清单的直接成本",
        remedy_en="check the direct costs of the asset list",
        facts={"listed": format_yuan(sum(direct)), "settlement": format_yuan(settlement)},
    )


def adjusted_sources(present: Sequence[Source], delta: Sequence[Source]) -> list[Source]:
    """The sources after an audit changed them; raises Refused when one would bear less than nothing."""
    changed = {source.indicator_id: source.amount for source in delta}
    known = {source.indicator_id for source in present}
    result = [
        Source(
            source.indicator_id,
            source.document_no,
            source.level,
            source.category,
            source.amount + changed.get(source.indicator_id, 0),
        )
        for source in present
    ] + [source for source in delta if source.indicator_id not in known]
    if any(source.amount < 0 for source in result):
        raise Refused(
            Violation(
                "SOURCE_BELOW_ZERO",
                "调减额超过该来源形成的资产价值",
                "the cut is more than what the source bears of the assets",
                rule="F-7.4",
                field="/sources",
                remedy_zh="核对结算调整文件的来源构成",
                remedy_en="check the sources of the adjustment",
            ),
        )
    return result
