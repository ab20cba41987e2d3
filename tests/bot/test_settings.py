from pathlib import Path

import pytest

from bot.settings import SettingsError, load_settings
from inference.catalog import DEFAULT_MODEL, DEFAULT_ON_GPU

TOKEN = "123456:" + "A" * 35


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINOGRAM_TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("KINOGRAM_ADMINS", "5, 7")
    monkeypatch.setenv("KINOGRAM_DAILY_CREDITS", "2.5")
    monkeypatch.setenv("KINOGRAM_SCREEN_WORDS", "lists/words.txt")
    monkeypatch.setenv("KINOGRAM_SCREEN_ALLOW", "")
    monkeypatch.setenv("KINOGRAM_MARK", "false")
    settings = load_settings()
    assert (settings.bot_id, settings.admins, settings.daily_tenths) == (123456, {5, 7}, 25)
    assert (settings.screen_words, settings.screen_allow) == (Path("lists/words.txt"), None)
    assert not settings.mark


def test_clips_are_marked_unless_the_operator_says_otherwise() -> None:
    assert load_settings().mark


def test_the_model_can_be_left_to_the_machine() -> None:
    has_gpu = any(Path("/dev").glob("nvidia[0-9]*"))
    assert load_settings(model="auto").model == (DEFAULT_ON_GPU if has_gpu else DEFAULT_MODEL)
    assert load_settings().model == DEFAULT_MODEL


def test_settings_come_from_a_dotenv_file(empty_folder: Path) -> None:
    (empty_folder / ".env").write_text("KINOGRAM_WORKERS=3\nOTHER=1\n")
    assert load_settings().workers == 3


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("KINOGRAM_HTTP_PORT", "80000"),
        ("KINOGRAM_ADMINS", "5,@ada"),
        ("KINOGRAM_DAILY_CREDITS", "1.25"),
        ("KINOGRAM_DAILY_CREDITS", "nan"),
        ("KINOGRAM_WORKERS", "-1"),
        ("KINOGRAM_WEBHOOK_URL", "not an address"),
        ("KINOGRAM_LOG_LEVEL", "loud"),
        ("KINOGRAM_MARK", "sometimes"),
        ("KINOGRAM_WAITING_A_PERSON", "0"),
        ("KINOGRAM_WAITING_A_CHAT", "many"),
        ("KINOGRAM_DAILY_CREDIT", "5"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value(
    key: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(key, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert key in str(caught.value)
    assert value in str(caught.value)


def test_a_wrong_token_is_named_but_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINOGRAM_TELEGRAM_TOKEN", "my-secret")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "KINOGRAM_TELEGRAM_TOKEN" in str(caught.value)
    assert "my-secret" not in str(caught.value)


def test_several_models_are_named_once_each_and_the_first_is_the_usual_one():
    several = load_settings(model=" ltx-2, builtin ")
    assert several.models == ("ltx-2", "builtin")
    for wrong, reason in (("builtin,ltx-2,builtin", "names builtin twice"), ("ltx-2,", "commas")):
        with pytest.raises(SettingsError, match=f"KINOGRAM_MODEL='{wrong}' is wrong.*{reason}"):
            load_settings(model=wrong)
