"""How a county pays (支付方式): in the treasury's own system, whose payments are recorded here, or by instructions from here."""

from enum import StrEnum

from services.funds.domain.refusals import refusal
from shared.kernel.errors import Violation


class PaymentMode(StrEnum):
    """补录 (paid and approved in 预算管理一体化, recorded here) or 指令 (requested, approved and instructed here)."""

    RECORD = "RECORD"
    INSTRUCT = "INSTRUCT"


def instructs(mode: PaymentMode) -> Violation | None:
    """Payments are requested and instructed here only where the county pays that way."""
    if mode is PaymentMode.INSTRUCT:
        return None
    return _elsewhere(
        "本县通过预算管理一体化系统支付，不在本系统申请和发出支付指令",
        "the county pays through the treasury's own system; nothing is requested or instructed here",
        ("导入国库支付明细", "import the treasury's payment details"),
        mode,
    )


def records(mode: PaymentMode) -> Violation | None:
    """Payments of the treasury's system are recorded only where the county pays there."""
    if mode is PaymentMode.RECORD:
        return None
    return _elsewhere(
        "本县在本系统发出支付指令，不补录国库支付明细",
        "the county instructs its payments here; none are recorded from the treasury's system",
        ("按用款申请办理，或先采用 payment.mode = RECORD", "request them here, or adopt payment.mode = RECORD first"),
        mode,
    )


def _elsewhere(zh: str, en: str, remedy: tuple[str, str], mode: PaymentMode) -> Violation:
    return refusal("PAYMENT_MODE", "F-3-mode", zh, en, remedy, mode=mode.value)
