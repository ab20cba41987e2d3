"""Every setting of Kinogram; this is the only module that reads the environment and `.env`."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.access import Access
from inference import catalog
from inference.quality import Quality

PREFIX = "KINOGRAM_"
SECRETS = frozenset({"telegram_token"})


class SettingsError(Exception):
    """A setting is wrong; the text names its key and its value."""


class Settings(BaseSettings):
    """What an operator decides. Names in the environment carry the prefix KINOGRAM_."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    telegram_token: SecretStr | None = Field(None, description="The bot's token from @BotFather")
    telegram_api_url: AnyHttpUrl = Field(
        AnyHttpUrl("https://api.telegram.org"), description="Root of the Bot API server"
    )
    webhook_url: AnyHttpUrl | None = Field(
        None, description="Public address that Telegram posts updates to; long poll without it"
    )
    http_host: str = Field("127.0.0.1", description="Where health, metrics and webhook listen")
    http_port: int = Field(8080, ge=0, le=65535, description="Their port; 0 takes a free one")
    data_dir: Path = Field(Path("kinogram-data"), description="Database and clips")
    model: str = Field(
        "builtin",
        description="Name of a model, or several and commas, the usual one first; `auto` for the "
        "best that suits this machine; see Models",
    )
    models_dir: Path | None = Field(
        None,
        description="Folder with weights, and models of your own as NAME/model.toml; see Models",
    )
    quality: Quality = Field(
        Quality.EXACT,
        description="How far clips may go from exact for speed: `exact`, `high`, `fast` or "
        "`fastest`; see Speed and memory",
    )
    compiled_dir: Path | None = Field(
        None,
        description="Folder on the workers' machines where compiled code is kept; torch's own, "
        "below /tmp, without it",
    )
    mark: bool = Field(
        True,
        description="A small AI mark in every frame; some laws require a label, such as Article 50 "
        "of the EU's AI Act and China's labelling rules of 2025",
    )
    admins: Annotated[frozenset[int], NoDecode] = Field(
        frozenset(), description="User ids of the admins, separated by commas"
    )
    access: Access = Field(
        Access.OPEN,
        description="Who may make clips: `open` to all, by `invite`, or a `list` to be admitted "
        "from",
    )
    daily_credits: float = Field(
        10.0, ge=0, le=100_000, description="Credits a person has in any 24 hours; tenths allowed"
    )
    waiting_a_person: int = Field(
        5, ge=1, le=10_000, description="Prompts that a person may have waiting or rendering"
    )
    waiting_a_chat: int = Field(
        20, ge=1, le=10_000, description="The same for a chat and everybody in it"
    )
    keep_clips_days: int = Field(
        30, ge=0, le=36_500, description="Days that prompts and clips are kept; 0 for ever"
    )
    keep_updates_days: int = Field(
        7,
        ge=0,
        le=36_500,
        description="Days that messages to and from the bot are kept once handled; 0 for ever",
    )
    screen_words: Path | None = Field(
        None, description="File of words that no prompt may hold; Kinogram's own list without it"
    )
    screen_allow: Path | None = Field(
        None, description="File of what is allowed all the same; Kinogram's own list without it"
    )
    screen_frames: str = Field(
        "", description="A check of finished clips, as module:function; see Screening clips"
    )
    ray_address: str | None = Field(
        None, description="A Ray cluster, such as auto; without it Ray starts here"
    )
    workers: int = Field(
        1, ge=0, le=1024, description="The most workers, each of which holds one model"
    )
    fewest_workers: int = Field(
        1, ge=0, le=1024, description="Workers that are kept while there is nothing to do"
    )
    idle_minutes: float = Field(
        10.0, gt=0, le=10_080, description="Minutes without a job after which the others end"
    )
    gpus_a_worker: int = Field(
        1, ge=1, le=16, description="GPUs of one machine that share the work of each clip"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="What is logged to stderr"
    )
    crash_point: str = Field(
        "", description="For tests: kill the process there, such as after:take_prompt"
    )

    @field_validator("admins", mode="before")
    @classmethod
    def _user_ids(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        words = [word for word in value.replace(",", " ").split() if word]
        if not all(word.isascii() and word.isdecimal() and int(word) > 0 for word in words):
            raise ValueError("must be Telegram user ids (positive whole numbers) and commas")
        return frozenset(int(word) for word in words)

    @field_validator("model")
    @classmethod
    def _for_this_machine(cls, value: str) -> str:
        has_gpu = any(Path("/dev").glob("nvidia[0-9]*"))
        suits = catalog.DEFAULT_ON_GPU if has_gpu else catalog.DEFAULT_MODEL
        names = [suits if name == "auto" else name for name in map(str.strip, value.split(","))]
        if not all(names):
            raise ValueError("must be names of models and commas between them")
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"names {name} twice")
        return ",".join(names)

    @field_validator("telegram_token")
    @classmethod
    def _token_shape(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            number, colon, secret = value.get_secret_value().partition(":")
            if not (number.isascii() and number.isdecimal() and colon and len(secret) >= 20):
                raise ValueError("must look like 123456:ABC-DEF..., as @BotFather gives it")
        return value

    @field_validator("daily_credits")
    @classmethod
    def _whole_tenths(cls, value: float) -> float:
        if abs(value * 10 - round(value * 10)) > 1e-9:
            raise ValueError("must have at most one decimal")
        return value

    @property
    def daily_tenths(self) -> int:
        """The daily allowance in tenths of a credit."""
        return round(self.daily_credits * 10)

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models that are served, the usual one first."""
        return tuple(self.model.split(","))

    @property
    def bot_id(self) -> int:
        """The bot's user id: the number before the colon of its token."""
        if self.telegram_token is None:
            raise SettingsError("KINOGRAM_TELEGRAM_TOKEN is not set")
        return int(self.telegram_token.get_secret_value().partition(":")[0])


def load_settings(**overrides: Any) -> Settings:
    """Settings from the environment and `.env`, with `overrides` on top.

    Raises: SettingsError, naming key and value of the first wrong one (never a secret's value).
    """
    _refuse_unknown_names()
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0]) if first["loc"] else ""
        value = "(not shown)" if key in SECRETS else repr(first["input"])
        reason = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{PREFIX}{key.upper()}={value} is wrong: {reason}") from None


def _refuse_unknown_names() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    names = {name: value for name, value in os.environ.items() if name.upper().startswith(PREFIX)}
    dotenv = Path(".env")
    if dotenv.is_file():
        for line in dotenv.read_text(encoding="utf-8", errors="replace").splitlines():
            name, equals, value = line.strip().removeprefix("export ").partition("=")
            if equals and name.strip().upper().startswith(PREFIX):
                names[name.strip()] = value
    for name, value in sorted(names.items()):
        if name.upper() not in known:
            shown = "(not shown)" if "TOKEN" in name.upper() else repr(value)
            raise SettingsError(f"{name}={shown} is wrong: Kinogram has no such setting")
