"""Parameters that the floor itself reads; every service has them."""

from shared.parameters.disease_words import DISEASE_WORDS
from shared.parameters.fits import between
from shared.parameters.model import Kind, Parameter

FORBIDDEN_WORDS = Parameter(
    "publicity.forbidden_words",
    Kind.WORDS,
    ",".join(DISEASE_WORDS),
    "words",
    "M-PI-06",
    "公示文本中不得出现的疾病词",
    "disease words that may not stand in a public text",
)

ESCALATION_DAYS = Parameter(
    "case.escalation_days",
    Kind.INTEGER,
    "3",
    "days",
    "M-CLK-06 (inferred)",
    "超期后逐级升级的间隔天数",
    "days between two escalations of an overdue case",
    between(1, 365),
)

NAMES = tuple(
    Parameter(name, Kind.TEXT, None, "name", "policy profile", zh, en)
    for name, zh, en in (
        ("name.bureau", "主管局名称", "what the bureau in charge is called"),
        ("name.linkage_fund", "衔接资金名称", "what the linkage fund is called"),
        ("name.project_library", "项目库名称", "what the project library is called"),
        ("name.monitored_household", "监测对象名称", "what monitored households are called"),
    )
)
"""Names that a policy profile gives to offices and funds; they change by year, the data do not."""

FLOOR_PARAMETERS = (FORBIDDEN_WORDS, ESCALATION_DAYS, *NAMES)
