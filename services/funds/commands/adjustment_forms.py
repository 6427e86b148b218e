"""What the takers of the steps of dynamic adjustment fill in (表单)."""

from datetime import date
from typing import Annotated

from pydantic import Field

from services.funds.domain.adjustment import Cause
from services.funds.domain.publication import Publication
from shared.cases.binding import Form
from shared.contracts.parts import DocumentNo


class CountySubmission(Form):
    """The township sends its list to the county."""


class Urgency(Form):
    """Why the entry does not wait for a window (应急入库)."""

    cause: Cause
    document_no: DocumentNo | None = None
    """The document that states the disaster."""


class Completion(Form):
    """What was left out is made good."""


class PublishedEntry(Form):
    """How the library list was published elsewhere; one reason answers for all warnings of the negative list."""

    document_no: DocumentNo
    place: Annotated[str, Field(min_length=2, max_length=300, description="公示公告载体或网址")]
    hung_from: date
    hung_to: date
    announced_on: date
    warnings_reason: Annotated[str, Field(max_length=500)] = ""

    @property
    def publication(self) -> Publication:
        """Its days."""
        return Publication(self.hung_from, self.hung_to, self.announced_on)
