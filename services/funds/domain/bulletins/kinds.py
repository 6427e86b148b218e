"""The kinds of bulletins that this service knows, each in a file of its own."""

from collections.abc import Mapping

from services.funds.domain.bulletins.adjustment import ADJUSTMENT
from services.funds.domain.bulletins.allocation import ALLOCATION
from services.funds.domain.bulletins.library import LIBRARY
from services.funds.domain.bulletins.microcredit import MICROCREDIT
from services.funds.domain.bulletins.model import Known
from services.funds.domain.bulletins.plan import PLAN
from services.funds.domain.bulletins.progress import PROGRESS
from shared.bulletins.findings import BulletinKind

KINDS: tuple[Known, ...] = (PLAN, ALLOCATION, PROGRESS, LIBRARY, ADJUSTMENT, MICROCREDIT)
BY_KIND: Mapping[BulletinKind, Known] = {known.kind: known for known in KINDS}
