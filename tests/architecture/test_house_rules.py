"""The tree keeps every house rule; what each rule is and why stands in house_rules.py."""

import pytest

from tests.architecture.house_rules import EXCUSE, RULES, Rule, Source, judge, tree


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    return tree()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_tree_keeps(rule: Rule, sources: list[Source]) -> None:
    broken = [finding for source in sources for finding in judge(rule, source)]
    assert not broken, f"{rule.reason}\n" + "\n".join(broken)


def test_the_whole_tree_is_read(sources: list[Source]) -> None:
    seen = {source.path for source in sources}
    assert {"pyproject.toml", "requirements.lock", "Makefile", "shared/kernel/money.py"} <= seen


def test_excuses_name_a_rule(sources: list[Source]) -> None:
    known = {rule.name for rule in RULES}
    said = {(source.path, found["rule"]) for source in sources for found in EXCUSE.finditer(source.text)}
    assert not [(path, name) for path, name in said if name not in known]
