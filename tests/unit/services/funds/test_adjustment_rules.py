"""Windows, reasons to leave, and messages of the bank as pure rules (domain-funds-assets §1.6, scenario 38)."""

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from services.funds.domain.adjustment import Claimed, ExitGround, ExitReason, Window, exit_reason_holds, window_open
from services.funds.domain.bank_messages import Effect, Message, Outcome, effect_of
from services.funds.domain.publication import Publication, PublishedFacts, category_stated, publication_proven
from services.funds.domain.republicity import Changes, Level, lowest_level
from tests.unit.services.funds.entries import content


@dataclass(frozen=True)
class In:
    window: Window


@pytest.mark.parametrize(
    ("spans", "today", "urgent", "is_open"),
    [
        pytest.param(("07-01..07-31",), date(2023, 7, 1), False, True, id="the first day"),
        pytest.param(("07-01..07-31",), date(2023, 7, 31), False, True, id="the last day"),
        pytest.param(("07-01..07-31",), date(2023, 8, 1), False, False, id="the day after"),
        pytest.param(("12-20..01-05",), date(2024, 1, 5), False, True, id="over the turn of the year"),
        pytest.param(("12-20..01-05",), date(2024, 1, 6), False, False, id="and no longer"),
        pytest.param(("02-01..02-29",), date(2023, 2, 28), False, True, id="a leap day in a common year"),
        pytest.param(("07-01..07-31", "11-01..11-30"), date(2023, 11, 30), False, True, id="the second of two"),
        pytest.param(("July",), date(2023, 7, 1), False, False, id="words that are no span"),
        pytest.param((), date(2023, 7, 1), True, True, id="urgent, at any time"),
    ],
)
def test_windows_hold_their_days(spans: tuple[str, ...], today: date, urgent: bool, is_open: bool) -> None:
    assert (window_open(In(Window(spans, today, is_urgent=urgent))) is None) == is_open


@dataclass(frozen=True)
class Leaving:
    ground: ExitGround


BARE = ExitGround(
    reason=ExitReason.NO_NEED,
    claimed=Claimed(),
    merges_in_library=False,
    years_waiting=2,
    least_years=3,
    is_upheld=False,
    hits_negative_list=False,
    least_households=10,
    ended_places=0,
)


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("E04", {"claimed": Claimed(other_money="彩票公益金")}),
        ("E05", {"merges_in_library": True}),
        ("E06", {"claimed": Claimed(policy_basis="财农〔2023〕19号")}),
        ("E06", {"hits_negative_list": True}),
        ("E07", {"years_waiting": 3}),
        ("E08", {"is_upheld": True}),
        ("E11", {"claimed": Claimed(households_left=9)}),
        ("E12", {"ended_places": 1}),
    ],
)
def test_a_reason_that_the_books_can_show_needs_them(reason: str, shown: dict[str, Any]) -> None:
    bare = replace(BARE, reason=ExitReason(reason))
    found = exit_reason_holds(Leaving(bare))
    assert found is not None
    assert found.rule == f"F-1.6-{reason}"
    assert exit_reason_holds(Leaving(replace(bare, **shown))) is None


@pytest.mark.parametrize("reason", ["E02", "E03", "E09", "E10"])
def test_other_reasons_stand_on_their_decision(reason: str) -> None:
    assert exit_reason_holds(Leaving(replace(BARE, reason=ExitReason(reason)))) is None


def test_e11_as_many_households_as_the_least_are_enough() -> None:
    ground = replace(BARE, reason=ExitReason.TOO_FEW_BENEFIT, claimed=Claimed(households_left=10))
    assert exit_reason_holds(Leaving(ground)) is not None


def test_every_reason_has_its_words() -> None:
    assert [str(reason) for reason in ExitReason] == [f"E{number:02d}" for number in range(1, 13)]
    assert all(reason.zh for reason in ExitReason)


SAID = Message(Outcome.SUCCESS, "BK-1", 100, date(2023, 6, 1))
FAILED = replace(SAID, outcome=Outcome.FAILURE)


@pytest.mark.parametrize(
    ("message", "state", "before", "effect"),
    [
        pytest.param(SAID, "INSTRUCTED", None, Effect.TAKEN, id="38 the first word"),
        pytest.param(SAID, "PAID", SAID, Effect.DUPLICATE, id="38 a late duplicate"),
        pytest.param(SAID, "RECONCILED", SAID, Effect.DUPLICATE, id="38 even after the reconciliation"),
        pytest.param(FAILED, "PAID", SAID, Effect.CONTRADICTION, id="38 success then failure"),
        pytest.param(SAID, "FAILED", FAILED, Effect.CONTRADICTION, id="38 failure then success"),
        pytest.param(FAILED, "FAILED", None, Effect.DUPLICATE, id="38 the desk noted the failure itself"),
        pytest.param(replace(SAID, amount=101), "PAID", SAID, Effect.CONTRADICTION, id="38 another amount"),
        pytest.param(replace(SAID, reference="BK-2"), "PAID", SAID, Effect.CONTRADICTION, id="38 another serial"),
        pytest.param(
            SAID, "INSTRUCTED", FAILED, Effect.CONTRADICTION, id="38 a failed serial after another instruction"
        ),
        pytest.param(replace(SAID, reference="BK-2"), "INSTRUCTED", FAILED, Effect.TAKEN, id="38 its new serial"),
        pytest.param(SAID, "APPROVED", None, None, id="nobody waits for it"),
    ],
)
def test_38_what_a_message_means(message: Message, state: str, before: Message | None, effect: Effect | None) -> None:
    assert effect_of(message, state, before) is effect


@pytest.mark.parametrize(
    ("hung_to", "announced_on", "is_proven"),
    [
        pytest.param(date(2022, 12, 11), date(2022, 12, 11), True, id="the full days, announced on the last"),
        pytest.param(date(2022, 12, 10), date(2022, 12, 20), False, id="one day short"),
        pytest.param(date(2022, 12, 11), date(2022, 12, 10), False, id="announced before its end"),
        pytest.param(date(2022, 12, 11), date(2023, 1, 4), False, id="announced tomorrow"),
    ],
)
def test_a_publication_hung_its_days_and_was_announced(hung_to: date, announced_on: date, is_proven: bool) -> None:
    own = Publication(date(2022, 12, 1), hung_to, announced_on)
    facts = PublishedFacts(content(), own, date(2022, 12, 11), date(2023, 1, 3), (), {})
    assert (publication_proven(facts) is None) == is_proven
    assert category_stated(facts) is None
    assert category_stated(replace(facts, content=content(category="01"))) is not None


def test_what_hung_empty_may_be_filled_in_and_nothing_else() -> None:
    """§1.6: of a published list or an urgent entry; what the list did say hangs again when it changes."""
    bare = content(quantities=[])
    hung = dict.fromkeys(Level, bare)
    whole = Changes(new=content(), hung=hung, tolerance=Fraction(0), may_complete=True)
    assert lowest_level(whole) is None
    assert lowest_level(replace(whole, may_complete=False)) is Level.VILLAGE
    assert lowest_level(replace(whole, new=content(name="另一个名称的项目"))) is Level.VILLAGE
