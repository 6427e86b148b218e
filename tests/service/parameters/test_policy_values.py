"""Policy values on a real database: nearest area, newest day, profiles that change at the turn of the year, two persons."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime

import pytest
import pytest_asyncio

from shared.commands.policy import AdoptParameter, ProposeParameter
from shared.db.base import new_metadata
from shared.kernel.actors import SYSTEM
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Forbidden, Invalid, NotFound, Problem, Refused, Unknown
from shared.kernel.roles import Role
from shared.parameters.lookup import Parameters
from shared.parameters.model import Kind, Parameter
from shared.parameters.profiles_load import in_force
from shared.runtime.postgres_server import ServiceDatabase
from shared.runtime.prepare import prepare
from shared.runtime.service import Service
from shared.testing.clocks import SetClock
from shared.testing.services import Bench, bench, person
from shared.vault.keys import KeyRing

VILLAGE = AreaCode.parse("230606100205")
SERVICE = Service(
    name="policy",
    zh="政策示例",
    metadata=new_metadata(),
    handlers={},
    bindings=(),
    parameters=(
        Parameter("monitoring.line", Kind.FEN, None, "yuan a year", "M-LINE-05", "监测范围", "monitoring line"),
        Parameter("test.share", Kind.SHARE, "0.60", "share", "test", "占比", "a share"),
    ),
    routers=(),
)
clerk = person("clerk", "230606", Role.BUREAU_CLERK)
leader = person("leader", "230606", Role.BUREAU_LEADER)
both = person("both", "230606", Role.BUREAU_CLERK, Role.BUREAU_LEADER)
province_clerk = person("province clerk", "23", Role.BUREAU_CLERK)
province_leader = person("province leader", "23", Role.BUREAU_LEADER)
stranger = person("stranger", "430626", Role.BUREAU_CLERK)


@pytest_asyncio.fixture
async def policy(fresh_database: Callable[..., Awaitable[ServiceDatabase]]) -> AsyncIterator[Bench]:
    names = await fresh_database("policy", lambda owner_dsn: prepare(owner_dsn, SERVICE))
    async with bench(SERVICE, names, SetClock(datetime(2023, 1, 2, 2, tzinfo=UTC)), KeyRing.fresh()) as it:
        yield it


async def value(policy: Bench, name: str, on: date) -> object:
    async with policy.database.read(clerk) as session:
        return await Parameters(session.raw, SERVICE.declared_parameters).get(name, VILLAGE, on)


async def adopted(policy: Bench, area: str, since: date, text: str) -> None:
    first, second = (province_clerk, province_leader) if area == "230000000000" else (clerk, leader)
    command = ProposeParameter(
        name="monitoring.line", area_code=area, effective_from=since, value=text, document="黑农发〔2023〕1号"
    )
    await policy.run(command, first)
    await policy.run(AdoptParameter(name="monitoring.line", area_code=area, effective_from=since), second)


async def refused(attempt: Awaitable[object], kind: type[Problem]) -> str:
    with pytest.raises(kind) as caught:
        await attempt
    return caught.value.code


@pytest.mark.asyncio
async def test_m_line_05_nearest_area_then_newest_day(policy: Bench) -> None:
    await adopted(policy, "230000000000", date(2023, 2, 1), "7000")
    await adopted(policy, "230606000000", date(2023, 3, 14), "7300.00")
    assert await value(policy, "monitoring.line", date(2023, 3, 13)) == 700_000
    assert await value(policy, "monitoring.line", date(2023, 3, 14)) == 730_000  # A09: by day, not by year


@pytest.mark.asyncio
async def test_m_line_06_no_row_is_an_error_and_never_a_guess(policy: Bench) -> None:
    assert await refused(value(policy, "monitoring.line", date(2023, 3, 14)), Unknown) == "PARAMETER_MISSING"
    assert str(await value(policy, "test.share", date(2023, 3, 14))) == "3/5"


@pytest.mark.asyncio
async def test_the_profile_changes_with_the_year_and_leaves_unverified_values_empty(policy: Bench) -> None:
    await adopted(policy, "230000000000", date(2023, 2, 1), "7000")
    async with policy.database.read(clerk) as session:
        profiles = [await in_force(session.raw, day) for day in (date(2025, 12, 31), date(2026, 1, 1))]
    assert profiles == ["transition-2021-2025", "regular-2026"]
    assert await value(policy, "name.bureau", date(2025, 12, 31)) == "乡村振兴局"
    assert await value(policy, "name.bureau", date(2026, 1, 1)) == "农业农村局"


@pytest.mark.asyncio
async def test_values_need_two_persons_a_later_day_and_the_right_form(policy: Bench) -> None:
    ask = ProposeParameter(
        name="monitoring.line",
        area_code="230606000000",
        effective_from=date(2023, 3, 1),
        value="7000",
        document="同农发〔2023〕2号",
    )
    adopt = AdoptParameter(name="monitoring.line", area_code="230606000000", effective_from=date(2023, 3, 1))
    await policy.run(ask, both)
    assert await refused(policy.run(adopt, both), Refused) == "SEPARATION_OF_DUTIES"
    assert await refused(value(policy, "monitoring.line", date(2023, 3, 2)), Unknown) == "PARAMETER_MISSING"
    await policy.run(adopt, leader)
    assert await value(policy, "monitoring.line", date(2023, 3, 2)) == 700_000
    assert await refused(policy.run(ask, clerk), Refused) == "ALREADY_ADOPTED"
    early = ask.model_copy(update={"effective_from": date(2023, 1, 2)})
    assert await refused(policy.run(early, clerk), Refused) == "EFFECTIVE_TOO_EARLY"
    words = ask.model_copy(update={"effective_from": date(2023, 4, 1), "value": "about 7000"})
    assert await refused(policy.run(words, clerk), Invalid) == "PARAMETER_VALUE"
    assert await refused(policy.run(ask, stranger), NotFound) == "NOT_FOUND"
    assert await refused(policy.run(ask, leader), Forbidden) == "ROLE_REQUIRED"


def share(text: str, since: date) -> ProposeParameter:
    return ProposeParameter(
        name="test.share", area_code="230606000000", effective_from=since, value=text, document="同农发〔2023〕2号"
    )


@pytest.mark.asyncio
@pytest.mark.parametrize("text", ["1e99999", "-5", "7", "1/0"])
async def test_a_value_that_does_not_fit_is_refused_with_field_rule_and_remedy(policy: Bench, text: str) -> None:
    with pytest.raises(Invalid) as caught:
        await policy.run(share(text, date(2023, 3, 1)), clerk)
    (told,) = caught.value.violations
    assert (told.code, told.field, told.rule) == ("PARAMETER_VALUE", "/value", "§3.2-4")
    assert "0 至 1" in told.remedy_zh
    assert "from 0 to 1" in told.remedy_en


async def overwrite(policy: Bench, text: str) -> None:
    """As a value stands that was stored before its parameter said what fits."""
    async with policy.database.write(SYSTEM) as tx:
        await tx.raw.execute("UPDATE parameter_value SET value = $1 WHERE name = 'test.share'", text)
        await tx.session.commit()


@pytest.mark.asyncio
async def test_a_proposal_that_does_not_fit_is_not_adopted_but_replaced(policy: Bench) -> None:
    day = date(2023, 3, 1)
    adopt = AdoptParameter(name="test.share", area_code="230606000000", effective_from=day)
    await policy.run(share("1/2", day), clerk)
    await overwrite(policy, "-5")
    with pytest.raises(Invalid) as caught:
        await policy.run(adopt, leader)
    assert (caught.value.code, caught.value.violations[0].field) == ("PARAMETER_VALUE", "/effective_from")
    await policy.run(share("1/4", day), clerk)
    await policy.run(adopt, leader)
    assert str(await value(policy, "test.share", day)) == "1/4"


@pytest.mark.asyncio
async def test_a_stored_value_that_does_not_fit_is_told_to_who_needs_it(policy: Bench) -> None:
    day = date(2023, 3, 1)
    await policy.run(share("1/2", day), clerk)
    await policy.run(AdoptParameter(name="test.share", area_code="230606000000", effective_from=day), leader)
    await overwrite(policy, "1e99999")
    assert await refused(value(policy, "test.share", day), Unknown) == "PARAMETER_UNFIT"
    assert str(await value(policy, "test.share", date(2023, 2, 28))) == "3/5"
