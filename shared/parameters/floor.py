"""Parameters that the floor itself reads; every service has them."""

from shared.parameters.disease_words import DISEASE_WORDS
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
)

FLOOR_PARAMETERS = (FORBIDDEN_WORDS, ESCALATION_DAYS)
