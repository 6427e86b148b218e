"""The policy numbers of the control indicators (控制指标) that are not limits of a check already."""

from shared.parameters.model import Kind, Parameter

CONTROL_PARAMETERS = (
    Parameter(
        "indicator.allocated_min",
        Kind.SHARE,
        "1",
        "share of the indicators that are due",
        "宜宾材料：指标分配100%",
        "到期指标分配率",
        "allocated of what is due",
    ),
    Parameter(
        "alert.handled_min",
        Kind.SHARE,
        "1",
        "share of the alerts that are due",
        "宜宾材料：预警信息处理100%",
        "到期预警处理率",
        "handled of the alerts that are due",
    ),
)
