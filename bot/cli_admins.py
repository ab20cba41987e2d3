"""What admins do in the chat, from the shell: on the database, while the bot serves or not."""

import asyncio
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.settings import Settings
from bot.terminal import fail, read_settings, save

LANGUAGE = "en"
# The id of a group begins with a minus and is no option.
TAKES_GROUPS = {"ignore_unknown_options": True}
Who = Annotated[
    str, typer.Argument(help="A user id, the @name of somebody the bot has seen, or a group's id.")
]
Credits = Annotated[str, typer.Argument(help="A number such as 5 or 2.5.")]
BotName = Annotated[
    str, typer.Option("--bot", help="Its id or @name, where the database has several.")
]
quota = typer.Typer(no_args_is_help=True, help="Somebody's credits.")
people = typer.Typer(no_args_is_help=True, help="Who may make clips, and how soon.")


def add_to(app: typer.Typer) -> None:
    """Give the command line the commands of this module."""
    app.add_typer(quota, name="quota")
    app.add_typer(people, name="people")
    for command in (invite, stats, queue, workers, pause, resume, drain, restart, audit):
        app.command()(command)


@quota.command(name="show", context_settings=TAKES_GROUPS)
def show_quota(who: Who, bot: BotName = "") -> None:
    """Tell somebody's credits."""
    _carry_out(bot, "quota", who)


@quota.command(name="set", context_settings=TAKES_GROUPS)
def set_quota(who: Who, credits_a_day: Credits, bot: BotName = "") -> None:
    """Set somebody's credits a day."""
    _carry_out(bot, "setquota", who, credits_a_day)


@quota.command(context_settings=TAKES_GROUPS)
def grant(who: Who, credits_once: Credits, bot: BotName = "") -> None:
    """Give somebody credits that stay until they are spent."""
    _carry_out(bot, "grant", who, credits_once)


@people.command(context_settings=TAKES_GROUPS)
def block(who: Who, bot: BotName = "") -> None:
    """Refuse somebody's prompts."""
    _carry_out(bot, "block", who)


@people.command(context_settings=TAKES_GROUPS)
def unblock(who: Who, bot: BotName = "") -> None:
    """Take somebody's prompts again."""
    _carry_out(bot, "unblock", who)


@people.command(context_settings=TAKES_GROUPS)
def priority(
    who: Who,
    weight: Annotated[str, typer.Argument(help="From 0.1 to 10; everybody has 1.")],
    bot: BotName = "",
) -> None:
    """Give somebody more turns in line than others, or fewer."""
    _carry_out(bot, "priority", who, weight)


@people.command()
def admit(
    who: Annotated[
        str, typer.Argument(help="Whom to let in, or how many of the first; who waits without it.")
    ] = "",
    bot: BotName = "",
) -> None:
    """Let people in from the waiting list."""
    _carry_out(bot, "admit", *filter(None, [who]))


def invite(
    number: Annotated[str, typer.Argument(metavar="N", help="How many links.")], bot: BotName = ""
) -> None:
    """Make links that each let one person in."""
    _carry_out(bot, "invite", number)


def stats(
    picture: Annotated[
        Path | None, typer.Option(help="Save the picture of the last 7 days there (PNG).")
    ] = None,
    bot: BotName = "",
) -> None:
    """Tell what happened today and in the last 7 days."""
    _carry_out(bot, "stats", picture=picture)


def queue(bot: BotName = "") -> None:
    """Tell what waits and what runs."""
    _carry_out(bot, "queue")


def workers(bot: BotName = "") -> None:
    """Tell what each worker of the running bot does."""
    _carry_out(bot, "workers")


def pause(bot: BotName = "") -> None:
    """Begin no clip until `kinogram resume`; prompts are still accepted."""
    _carry_out(bot, "pause")


def resume(bot: BotName = "") -> None:
    """Undo `kinogram pause` and `kinogram drain`."""
    _carry_out(bot, "resume")


def drain(bot: BotName = "") -> None:
    """Accept no prompt until `kinogram resume`; those in line are rendered."""
    _carry_out(bot, "drain")


def restart(bot: BotName = "") -> None:
    """Replace each worker of the running bot by a fresh one, once it has no job."""
    _carry_out(bot, "restart")


def audit(bot: BotName = "") -> None:
    """Tell what admins did last."""
    _carry_out(bot, "audit")


def _carry_out(bot: str, name: str, *words: str, picture: Path | None = None) -> None:
    """Carry out a command and print its answer; exit code 1 when it was refused."""
    from bot import chart
    from bot.data_folder import DATABASE_FILE, SANDBOX_FOLDER, DataFolderError
    from bot.screening.screen import ScreenListError
    from inference.values import InferenceError
    from storage.errors import StorageUnavailable

    loaded = read_settings()
    path = loaded.data_dir / DATABASE_FILE
    if not path.is_file():
        sandbox = loaded.data_dir / SANDBOX_FOLDER
        there = (sandbox / DATABASE_FILE).is_file()
        raise fail(
            f"KINOGRAM_DATA_DIR={str(loaded.data_dir)!r} has no {DATABASE_FILE}: no bot served"
            + (f"; the sandbox's is in {str(sandbox)!r}" if there else "")
        )
    try:
        answer = asyncio.run(_answer(loaded, path, bot, name, words))
    except (StorageUnavailable, DataFolderError, ScreenListError, InferenceError) as error:
        raise fail(error) from None
    if answer.refused:
        raise fail(answer.text, code=1)
    if picture is not None:
        try:
            save(picture, chart.draw(answer.days))
        except OSError as error:
            raise fail(f"--picture {str(picture)!r}: {error.strerror}") from None
    typer.echo(answer.text)


async def _answer(loaded: Settings, path: Path, bot: str, name: str, words: tuple[str, ...]) -> Any:
    from bot.admins.asked import SHELL, Asked
    from bot.admins.commands import carry_out
    from bot.rules import rules_of
    from storage import bots
    from storage.database import Database

    database = await Database.open(path)
    try:
        bot_id = _choose(await database.read(bots.known), bot, loaded)
        asked = Asked(
            bot_id=bot_id,
            actor_id=SHELL,
            language=LANGUAGE,
            now=time.time(),
            rules=rules_of(loaded),
            **await _heard(database, bot_id),
        )
        return await database.run(carry_out, asked, name, words)
    finally:
        await database.close()


async def _heard(database: Any, bot_id: int) -> dict[str, Any]:
    """What the bot that serves beside has written down of its workers, as `Asked` takes it."""
    from bot.card import Live
    from bot.shell_link import SILENT_SECONDS
    from storage import heartbeats

    heard = await database.read(heartbeats.latest, bot_id=bot_id)
    if heard is None or time.time() - heard.at > SILENT_SECONDS:
        return {"is_serving": False}
    live = {
        job_id: Live(progress=None, claimed_at=heard.at, worker=worker.number)
        for worker in heard.workers
        for job_id in worker.jobs
    }
    return {"workers": heard.workers, "live": live}


def _choose(known: list[Any], wanted: str, loaded: Settings) -> int:
    """The id of the bot that is meant."""
    if wanted:
        name = wanted.removeprefix("@").lower()
        found = [one for one in known if name in {str(one.bot_id), (one.username or "").lower()}]
    else:
        own = loaded.bot_id if loaded.telegram_token else None
        found = [one for one in known if one.bot_id == own] or known
    if len(found) == 1:
        return int(found[0].bot_id)
    names = ", ".join(f"@{one.username}" if one.username else str(one.bot_id) for one in known)
    if not known:
        raise fail("no bot has served from this database yet")
    raise fail(f"say which bot with --bot: the database has {names}")
