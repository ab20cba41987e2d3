import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.log import configure_logging, redact

TOKEN = "7000001:" + "AbC-_9" * 6


@pytest.fixture(autouse=True)
def restore_root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_token_is_replaced_wherever_it_stands() -> None:
    assert redact(f"POST http://host/bot{TOKEN}/getMe") == "POST http://host/bot<token>/getMe"


def test_no_log_line_holds_a_token(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("debug")
    structlog.get_logger("ours").warning(f"event {TOKEN}", address=f"http://h/bot{TOKEN}/x")
    logging.getLogger("theirs").error("failed at %s", f"/bot{TOKEN}/getMe")
    try:
        raise ValueError(f"secret {TOKEN}")
    except ValueError:
        structlog.get_logger("ours").exception("broken")
    for client in ("httpx", "httpx2"):
        logging.getLogger(client).info("HTTP Request: POST %s", f"http://h/bot{TOKEN}/getMe")
    written = capsys.readouterr().err
    assert "broken" in written
    assert "ValueError" in written
    assert TOKEN not in written
    assert TOKEN.split(":")[1] not in written
    assert "HTTP Request" not in written
