"""The negative list (负面清单, NL…): rules are dated rows, read here as values and tried on an entry (§1.7).

The cap of NL16, and NL17, are sums over a year's plan and stand in limits; NL18 is the state of the project; NL20 is
the search for duplicates. The payees of NL06, NL07 and NL21 stand in payee_marks, the plans of NL21 in integration.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.funds.domain.library import text_key
from services.funds.domain.negative_measures import MEASURES
from services.funds.domain.project_content import ProjectContent
from shared.kernel.errors import Violation
from shared.parameters.model import Mode


@dataclass(frozen=True, slots=True)
class NegativeRule:
    """One line of a rule. It hits when every condition that is not empty holds; exceptions and whitelist lift it.

    `verdict` is block or warn; a rule may have several lines (`part`), and the gravest hit counts.
    """

    rule_id: str
    part: int
    version: int
    zh: str
    en: str
    verdict: Mode
    keywords: tuple[str, ...] = ()
    whitelist: tuple[str, ...] = ()
    economic_classes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()
    linkage_money_only: bool = False
    measure: str = ""
    bound: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says of one entry; kept with its version (`evidence`: the words and codes that hit)."""

    rule_id: str
    version: int
    verdict: Mode
    zh: str
    en: str
    evidence: tuple[str, ...]


class Tried(NamedTuple):
    """The hits on an entry, and the rules that it passed with their versions."""

    hits: list[Verdict]
    passed: dict[str, int]


def verdicts(
    content: ProjectContent,
    rules: Sequence[NegativeRule],
    modes: Mapping[str, Mode],
    linkage_money: Collection[str],
) -> list[Verdict]:
    """The hits on an entry, one per rule, by rule id; `linkage_money` are the fund categories the list speaks of.

    A rule that nobody has adopted warns where its text says block; a rule that is off is silent.
    """
    found: dict[str, Verdict] = {}
    for rule in rules:
        mode = modes.get(rule.rule_id, Mode.WARN)
        evidence = _hits(rule, content, linkage_money)
        if evidence is None or mode is Mode.OFF:
            continue
        verdict = Mode.BLOCK if mode is Mode.BLOCK and rule.verdict is Mode.BLOCK else Mode.WARN
        if rule.rule_id not in found or verdict is Mode.BLOCK:
            found[rule.rule_id] = Verdict(rule.rule_id, rule.version, verdict, rule.zh, rule.en, evidence)
    return [found[rule_id] for rule_id in sorted(found)]


def passed(rules: Sequence[NegativeRule], modes: Mapping[str, Mode], found: Sequence[Verdict]) -> dict[str, int]:
    """The rules that were tried and did not hit, with their versions; one that is off was not tried."""
    hit = {verdict.rule_id for verdict in found}
    tried = {rule.rule_id: rule.version for rule in rules if modes.get(rule.rule_id) is not Mode.OFF}
    return {rule_id: version for rule_id, version in tried.items() if rule_id not in hit}


def category_refused(category: str, fund: str, rules: Sequence[NegativeRule], linkage_money: Collection[str]) -> str:
    """The id of a blocking rule by which money of `fund` may not pay a project of `category`, or nothing."""
    for rule in rules:
        by_category = rule.categories and not (rule.keywords or rule.economic_classes or rule.measure)
        meant = not rule.linkage_money_only or fund in linkage_money
        if rule.verdict is Mode.BLOCK and by_category and meant and _listed(rule, category):
            return rule.rule_id
    return ""


def _hits(rule: NegativeRule, content: ProjectContent, linkage_money: Collection[str]) -> tuple[str, ...] | None:
    evidence: list[str] = []
    if content.category.startswith(rule.excepted or ("-",)):
        return None
    if rule.linkage_money_only and not any(line.category in linkage_money for line in content.funding):
        return None
    for asked, given in (
        (rule.keywords, _words(rule, content)),
        (rule.economic_classes, [own for own in content.economic_classes if own.startswith(rule.economic_classes)]),
        (rule.categories, [content.category] if _listed(rule, content.category) else []),
    ):
        if asked and not given:
            return None
        evidence += given
    if rule.measure:
        measured = MEASURES[rule.measure](content, rule.bound)
        return None if measured is None else (*evidence, *measured)
    return tuple(evidence)


def _listed(rule: NegativeRule, category: str) -> bool:
    return category.startswith(rule.categories) and not category.startswith(rule.excepted or ("-",))


def _words(rule: NegativeRule, content: ProjectContent) -> list[str]:
    text = text_key(content.name + content.content)
    for allowed in rule.whitelist:
        text = text.replace(text_key(allowed), "")
    return [word for word in rule.keywords if text_key(word) in text]


def off_negative_list(found: Sequence[Verdict], accepted: Mapping[str, str]) -> Violation | None:
    """A block is lifted by a new version of its rule, never by a person; a warning needs a reason (scenario 7)."""
    blocks = [verdict for verdict in found if verdict.verdict is Mode.BLOCK]
    if blocks:
        return Violation(
            "NEGATIVE_LIST",
            f"触及负面清单：{'；'.join(f'{each.rule_id} {each.zh}' for each in blocks)}",
            f"on the negative list: {'; '.join(f'{each.rule_id} {each.en}' for each in blocks)}",
            rule=blocks[0].rule_id,
            field="/content",
            remedy_zh="修改项目；规则本身有误的，须按程序发布规则新版本，任何个人不得放行",
            remedy_en="change the project; a wrong rule needs a new version, no person may let it pass",
            facts={"verdicts": [_told(each) for each in blocks]},
        )
    silent = [verdict for verdict in found if not accepted.get(verdict.rule_id, "").strip()]
    if silent:
        return Violation(
            "WARNING_UNANSWERED",
            f"负面清单提示须由审核人说明理由：{'；'.join(f'{each.rule_id} {each.zh}' for each in silent)}",
            f"the reviewer has to answer: {'; '.join(f'{each.rule_id} {each.en}' for each in silent)}",
            rule=silent[0].rule_id,
            field="/form/accepted_warnings",
            remedy_zh="逐条写明放行理由，或退回修改",
            remedy_en="give a reason for each, or send it back",
            facts={"verdicts": [_told(each) for each in silent]},
        )
    return None


def _told(verdict: Verdict) -> dict[str, object]:
    return {
        "rule_id": verdict.rule_id,
        "version": verdict.version,
        "verdict": str(verdict.verdict),
        "evidence": list(verdict.evidence),
    }
