"""How a county pays: a policy word by area and day."""

from shared.parameters.fits import one_of
from shared.parameters.model import Kind, Parameter

PAYMENT_MODE = "payment.mode"

TREASURY_PARAMETERS = (
    Parameter(
        PAYMENT_MODE,
        Kind.TEXT,
        "RECORD",
        "RECORD | INSTRUCT",
        "预算管理一体化规范（财办〔2020〕13号，待核实）",
        "支付方式：RECORD 补录国库支付，INSTRUCT 在本系统发出支付指令",
        "payments are recorded from the treasury's system, or instructed here",
        one_of("RECORD", "INSTRUCT"),
    ),
)
