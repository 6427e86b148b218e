"""Chapter 9 (核对通报): a table that another city published goes through the checker's door, which keeps nothing."""

import asyncio
from pathlib import Path

from services.suite.demo.cast import Cast
from services.suite.demo.client import StoryBroken

TABLE = Path(__file__).parent / "data" / "shangqiu-2021-microcredit" / "data.csv"
WRONG = {("0.21", "0.24"), ("212504", "217445"), ("8337", "8345"), ("11.97", "11.71"), ("14.72", "14.40")}
"""What is printed, and what its own table makes of it."""


async def tell(cast: Cast) -> None:
    """Five figures do not fit: a rate, two totals that leave a city out, and the two rates on them."""
    cast.teller.chapter("九、核对一张通报", "9. A printed table is checked")
    content = await asyncio.to_thread(TABLE.read_bytes)
    told = await cast.client.check("province", "/funds/v1/bulletin-checks", content, "text/csv")
    findings = told["findings"]
    if {(each["printed"], each["recomputed"]) for each in findings} != WRONG:
        raise StoryBroken(f"the table was read otherwise: {findings}")
    cast.teller.step(
        f"商丘市2021年小额信贷通报交给核对：{len(findings)}处数字与表内其他数字不符",
        f"a microcredit table of Shangqiu is checked: {len(findings)} figures do not fit the others",
    )
    for each in findings:
        cast.teller.aside(
            f"{each['row']} · {each['column']}：印 {each['printed']}，算 {each['recomputed']}"
            f" / printed {each['printed']}, recomputed {each['recomputed']}"
        )
