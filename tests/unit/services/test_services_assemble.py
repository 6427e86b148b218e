"""Every service's declarations hold together: each guard is bound, each parameter declared, each bound step exists."""

import pytest

from services.suite.services import SERVICES
from shared.runtime.service import Service


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_would_start(service: Service) -> None:
    assert service.defects() == []
