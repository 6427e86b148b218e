"""Who must be there and how they vote: the village review (民主评议) and the county's joint review (联审联席会议)."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from shared.kernel.errors import Violation

CHAIR = "bureau"
"""The bureau in charge leads the joint review."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """One village review: those entitled, those present, and their votes."""

    entitled: int
    present: int
    in_favour: int
    against: int
    abstained: int


class Finding(StrEnum):
    """联审结论 (M-ID-11)."""

    ENROL = "ENROL"
    RETURN = "RETURN"
    REJECT = "REJECT"


@dataclass(frozen=True, slots=True)
class JointReview:
    """One joint review: the offices that sat, and what they found."""

    members: frozenset[str]
    finding: Finding


def quorum(meeting: Meeting, share: Fraction) -> Violation | None:
    """At least `share` of those entitled are present, and every one of them voted or abstained (M-4.2)."""
    votes = meeting.in_favour + meeting.against + meeting.abstained
    if votes != meeting.present or meeting.present > meeting.entitled:
        return Violation(
            "VOTES_DO_NOT_ADD_UP",
            f"票数合计{votes}，与到会人数{meeting.present}不符，或到会人数超过应到人数",
            f"{votes} votes for {meeting.present} present of {meeting.entitled}",
            rule="M-4.2",
            field="/form/present",
            remedy_zh="核对会议记录后重新填写",
            remedy_en="check the minutes and enter the votes again",
        )
    if meeting.present >= share * meeting.entitled:
        return None
    return Violation(
        "QUORUM",
        f"到会{meeting.present}人，不足应到{meeting.entitled}人的{share}",
        f"{meeting.present} of {meeting.entitled} are fewer than {share}",
        rule="M-4.2",
        field="/form/present",
        remedy_zh="另行召开会议",
        remedy_en="hold the meeting again",
        facts={"present": meeting.present, "entitled": meeting.entitled, "share": str(share)},
    )


def passed(meeting: Meeting) -> bool:
    """More than half of those present voted in favour."""
    return 2 * meeting.in_favour > meeting.present


def vote_in_favour(meeting: Meeting | None) -> Violation | None:
    """Nothing is published that the village has not carried."""
    if meeting is not None and passed(meeting):
        return None
    return _vote("NOT_CARRIED", "评议未获到会人员过半数同意", "the review did not carry it")


def vote_against(meeting: Meeting | None) -> Violation | None:
    """What the village has carried is not rejected by its review."""
    if meeting is not None and not passed(meeting):
        return None
    return _vote("CARRIED", "评议已获过半数同意，不能以评议未通过为由终止", "the review carried it")


def _vote(code: str, zh: str, en: str) -> Violation:
    return Violation(
        code, zh, en, rule="M-4.2", remedy_zh="按评议结果办理", remedy_en="take the step that the votes allow"
    )


def joint_quorum(
    review: JointReview, standing: Collection[str], share: Fraction, of_hits: Collection[str]
) -> Violation | None:
    """The bureau, `share` of the standing members, and every office that produced a hit, must sit (M-ID-11)."""
    absent = ({CHAIR} | set(of_hits)) - review.members
    sitting = len(review.members & set(standing))
    if not absent and sitting >= share * len(standing):
        return None
    return Violation(
        "JOINT_REVIEW_QUORUM",
        f"联审到会单位不足：应到{len(standing)}个，实到{sitting}个"
        + (f"，缺 {'、'.join(sorted(absent))}" if absent else ""),
        f"{sitting} of {len(standing)} members sit" + (f"; without {', '.join(sorted(absent))}" if absent else ""),
        rule="M-ID-11",
        field="/form/members",
        remedy_zh="补齐参会单位后重新联审",
        remedy_en="hold the review with the missing offices",
        facts={"absent": sorted(absent), "sitting": sitting, "standing": len(standing)},
    )
