"""The line of one key: what is next, what has passed, what must wait (D5a, D7)."""

from uuid import UUID

import pytest

from shared.delivery.order import Failure, Item, Line, Parked, Place, Reason
from shared.messaging.transport import Record

A, B = UUID(int=1), UUID(int=2)


def item(sequence: int, reason: Reason | None = None) -> Item:
    record = Record("funds", sequence, "funds.indicator.v1", B, sequence, A, "funds.indicator.adjusted.v1", b"")
    return Item(record, sequence, Parked(A, sequence, reason) if reason else None)


@pytest.mark.parametrize(
    ("last", "is_held", "sequence", "place"),
    [
        pytest.param(None, False, 7, Place.NEXT, id="the first event of a key sets its base"),
        pytest.param(6, False, 7, Place.NEXT, id="the one after the last"),
        pytest.param(7, False, 7, Place.PASSED, id="the same again"),
        pytest.param(9, False, 7, Place.PASSED, id="late from a relay that lost its lead"),
        pytest.param(5, False, 7, Place.GAP, id="one is missing"),
        pytest.param(6, True, 7, Place.BEHIND, id="an earlier one is parked"),
        pytest.param(9, True, 7, Place.PASSED, id="a duplicate on a held line is still a duplicate"),
        pytest.param(None, True, 7, Place.BEHIND, id="the very first one is parked"),
    ],
)
def test_place(last: int | None, is_held: bool, sequence: int, place: Place) -> None:
    assert Line(last, is_held=is_held).place(sequence) is place


@pytest.mark.parametrize(
    ("last", "head", "arriving", "waits"),
    [
        pytest.param(4, None, [5], False, id="nothing is parked"),
        pytest.param(4, (5, Reason.REFUSED), [6], True, id="behind a refusal"),
        pytest.param(4, (5, Reason.REFUSED), [3, 6], True, id="a duplicate changes nothing"),
        pytest.param(4, (6, Reason.GAP), [7], True, id="the missing one is still missing"),
        pytest.param(4, (6, Reason.GAP), [5], False, id="the missing one comes"),
        pytest.param(4, (7, Reason.REFUSED), [5], False, id="one before a refusal comes late"),
        pytest.param(5, (6, Reason.BEHIND), [7], False, id="what it waited for was discarded"),
        pytest.param(5, (6, Reason.FAILED), [7], True, id="a failure waits for an operator"),
        pytest.param(6, (6, Reason.FAILED), [7], False, id="another process handled what failed here"),
        pytest.param(None, (6, Reason.REFUSED), [7], True, id="no base yet"),
    ],
)
def test_must_wait(last: int | None, head: tuple[int, Reason] | None, arriving: list[int], waits: bool) -> None:
    line = Line(last, head=Parked(A, *head) if head else None)
    assert line.must_wait(arriving) is waits


def test_what_is_done_moves_the_line_and_settles_what_was_parked() -> None:
    line = Line(4)
    line.passed(item(4))
    assert (line.last, line.has_moved, line.done) == (4, False, [])
    line.passed(parked := item(5, Reason.GAP))
    assert (line.last, line.has_moved, line.done) == (5, True, [parked])


def test_what_fails_holds_the_line() -> None:
    line = Line(4)
    line.stopped(failed := item(5), why := Failure(Reason.REFUSED, "LM01", 1))
    assert line.failed == [(failed, why)]
    assert line.place(6) is Place.BEHIND
