"""A fault's traceback in the log holds no local variables: they would carry passwords and sealed prices."""

import logging

import pytest
import structlog

from service.kernel import logs
from service.kernel.settings import Settings


@pytest.mark.parametrize("as_json", [False, True])
def test_a_logged_fault_tells_no_local_variable(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.handlers, root.level
    logs.configure(Settings(log_json=as_json))
    secret_of_the_frame = f"sealed-price-{7_777_777}"
    try:
        int(secret_of_the_frame[:0])
    except ValueError as error:
        structlog.get_logger("tests").error("unexpected", exc_info=error)
    finally:
        root.handlers, root.level = before
    written = capsys.readouterr().err
    assert "ValueError" in written
    assert secret_of_the_frame not in written
