"""Inline mode: what people type behind @bot, the results, and the one that is posted."""

import asyncio
from typing import Any

import pytest
import telegram

from bot.sandbox.client import SandboxClient, SandboxRefused
from bot.sandbox.methods_queries import ANSWER_SECONDS
from tests.bot.sandbox.conftest import ADA, BO, BOT_ID, GROUP, Call, Clock, refused

TOO_OLD = "query is too old and response timeout expired or query id is invalid"
Asking = asyncio.Task[dict[str, Any] | None]


@pytest.fixture
async def file_id(bot: telegram.Bot, people: SandboxClient) -> str:
    """Of a video that was sent to Ada."""
    await people.send(ADA, ADA, "hello")
    (update,) = await bot.get_updates(timeout=30)
    await bot.get_updates(offset=update.update_id + 1)
    sent = await bot.send_video(ADA, b"an mp4", width=64, height=48, duration=1)
    assert sent.video
    return sent.video.file_id


def cached(file_id: str, number: int = 1, **values: Any) -> telegram.InlineQueryResultCachedVideo:
    return telegram.InlineQueryResultCachedVideo(str(number), file_id, "a cat", **values)


async def asked(
    bot: telegram.Bot, people: SandboxClient, person: int, query: str, chat: int = GROUP
) -> tuple[Asking, telegram.InlineQuery]:
    """What somebody typed, on both sides."""
    asking = asyncio.create_task(people.inline(person, chat, query))
    (update,) = await bot.get_updates(timeout=30)
    await bot.get_updates(offset=update.update_id + 1)
    assert update.inline_query
    return asking, update.inline_query


async def test_results_are_shown_and_the_chosen_one_is_posted_via_the_bot(
    bot: telegram.Bot, people: SandboxClient, file_id: str
) -> None:
    asking, query = await asked(bot, people, BO, "cat")
    assert (query.from_user.id, query.query, query.offset) == (BO, "cat", "")
    assert query.chat_type == "supergroup"
    link = telegram.InlineKeyboardButton("Make your own", url="https://t.me/a_bot?start=make_1")
    result = cached(
        file_id,
        description="Ada",
        caption="a <cat>\nmade by @ada",
        reply_markup=telegram.InlineKeyboardMarkup([[link]]),
    )
    await query.answer([result], cache_time=0, is_personal=True, next_offset="o7")
    answer = await asking
    assert answer is not None
    (shown,) = answer["results"]
    assert (shown["id"], shown["title"], shown["description"]) == ("1", "a cat", "Ada")
    assert (answer["next_offset"], answer["button"]) == ("o7", None)
    posted = await people.choose(BO, GROUP, answer["query_id"], "1")
    assert posted["from"]["id"] == BO
    assert posted["via_bot"]["id"] == BOT_ID
    assert posted["caption"] == "a <cat>\nmade by @ada"
    assert [entity["type"] for entity in posted["caption_entities"]] == ["mention"]
    assert await people.file(posted["video"]["url"]) == b"an mp4"
    (button,) = posted["reply_markup"]["inline_keyboard"][0]
    assert button == {"text": "Make your own", "url": "https://t.me/a_bot?start=make_1"}
    (update,) = await bot.get_updates(timeout=30)
    assert update.message
    assert update.message.via_bot
    assert update.message.video
    with pytest.raises(SandboxRefused, match="no such result"):
        await people.choose(BO, GROUP, answer["query_id"], "2")


async def test_answers_that_telegram_refuses_are_refused(
    bot: telegram.Bot, people: SandboxClient, call: Call, file_id: str
) -> None:
    asking, query = await asked(bot, people, ADA, "cat")
    good = {"type": "video", "id": "1", "video_file_id": file_id, "title": "a cat"}
    many = [{**good, "id": str(number)} for number in range(51)]
    wrong: list[tuple[Any, dict[str, Any], str]] = [
        ("x", {}, "can't parse results JSON object"),
        ({}, {}, "can't parse inline query results JSON array"),
        ([1], {}, "can't parse InlineQueryResult: expected an Object"),
        (many, {}, "too many inline query results specified"),
        ([good, good], {}, "RESULT_ID_DUPLICATE"),
        ([{**good, "id": ""}], {}, "RESULT_ID_EMPTY"),
        ([{**good, "id": "猫" * 22}], {}, "RESULT_ID_INVALID"),
        ([{**good, "title": " "}], {}, "VIDEO_TITLE_EMPTY"),
        ([{**good, "caption": "x" * 1025}], {}, "MEDIA_CAPTION_TOO_LONG"),
        (
            [{**good, "video_file_id": "x"}],
            {},
            "wrong remote file identifier specified: can't unserialize it",
        ),
        (
            [{"type": "article", "id": "1", "title": "x"}],
            {},
            "can't parse InlineQueryResult: the sandbox knows videos by video_file_id only",
        ),
        ([], {"next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
        (
            [],
            {"button": {"text": " ", "start_parameter": "a"}},
            "can't parse InlineQueryResultsButton: text must be non-empty",
        ),
        ([], {"button": {"text": "x"}}, "can't use empty start_parameter"),
        (
            [],
            {"button": {"text": "x", "start_parameter": "a" * 65}},
            "too long start_parameter specified",
        ),
        (
            [],
            {"button": {"text": "x", "start_parameter": "a b"}},
            "unallowed characters in start_parameter are used",
        ),
    ]
    for results, more, words in wrong:
        answer = await call("answerInlineQuery", inline_query_id=query.id, results=results, **more)
        assert answer.get("description") == f"Bad Request: {words}", results
    assert not asking.done()
    answer = await call("answerInlineQuery", inline_query_id=query.id, results=many[:50])
    assert answer["ok"]
    shown = await asking
    assert shown is not None
    assert len(shown["results"]) == 50
    assert (shown["is_personal"], shown["cache_time"]) == (False, 300)
    with refused(TOO_OLD):
        await query.answer([])


async def test_an_answer_after_ten_seconds_comes_too_late(
    bot: telegram.Bot, people: SandboxClient, clock: Clock
) -> None:
    asking, query = await asked(bot, people, ADA, "cat")
    clock.now += ANSWER_SECONDS["inline"]
    with refused(TOO_OLD):
        await query.answer([])
    asking.cancel()


@pytest.mark.parametrize(("is_personal", "leaks"), [(True, False), (False, True)])
async def test_a_cached_answer_is_shown_again_and_to_others_unless_it_is_personal(
    bot: telegram.Bot,
    people: SandboxClient,
    file_id: str,
    clock: Clock,
    is_personal: bool,
    leaks: bool,
) -> None:
    asking, query = await asked(bot, people, ADA, "cat")
    await query.answer([cached(file_id)], cache_time=60, is_personal=is_personal)
    first = await asking
    assert await people.inline(ADA, GROUP, "cat") == first
    if leaks:
        assert await people.inline(BO, GROUP, "cat") == first
    else:
        other, asked_anew = await asked(bot, people, BO, "cat")
        assert asked_anew.from_user.id == BO
        other.cancel()
    clock.now += 60
    late, asked_late = await asked(bot, people, ADA, "cat")
    assert asked_late.id != query.id
    late.cancel()


async def test_what_is_not_to_be_cached_is_asked_every_time(
    bot: telegram.Bot, people: SandboxClient, file_id: str
) -> None:
    for results in ([cached(file_id)], []):
        asking, query = await asked(bot, people, ADA, "cat", chat=ADA)
        assert query.chat_type == "sender"
        await query.answer(results, cache_time=0, is_personal=True)
        answer = await asking
        assert answer is not None
        assert len(answer["results"]) == len(results)


async def test_a_bot_without_inline_mode_is_not_asked(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    assert (await bot.get_me()).supports_inline_queries
    await people.set_inline_mode(on=False)
    assert not (await bot.get_me()).supports_inline_queries
    with pytest.raises(SandboxRefused, match="no inline mode"):
        await people.inline(ADA, GROUP, "cat")


async def test_a_query_that_no_client_would_send_is_refused(people: SandboxClient) -> None:
    with pytest.raises(SandboxRefused, match="at most 256"):
        await people.inline(ADA, GROUP, "x" * 257)


async def test_a_tap_under_a_posted_result_names_no_message(
    bot: telegram.Bot, people: SandboxClient, file_id: str
) -> None:
    asking, query = await asked(bot, people, ADA, "")
    button = telegram.InlineKeyboardButton("x", callback_data="tap")
    await query.answer([cached(file_id, reply_markup=telegram.InlineKeyboardMarkup([[button]]))])
    answer = await asking
    assert answer is not None
    posted = await people.choose(ADA, GROUP, answer["query_id"], "1")
    (update,) = await bot.get_updates(timeout=30)
    await bot.get_updates(offset=update.update_id + 1)
    tap = asyncio.create_task(people.tap(BO, GROUP, posted["message_id"], "tap"))
    (update,) = await bot.get_updates(timeout=30)
    assert update.callback_query
    assert update.callback_query.message is None
    assert update.callback_query.inline_message_id
    tap.cancel()


async def test_the_chat_picker_needs_a_kind_of_chat(
    bot: telegram.Bot, people: SandboxClient
) -> None:
    def picker(**allowed: bool) -> telegram.InlineKeyboardMarkup:
        wanted = telegram.SwitchInlineQueryChosenChat(query="cat", **allowed)
        return telegram.InlineKeyboardMarkup(
            [[telegram.InlineKeyboardButton("Share", switch_inline_query_chosen_chat=wanted)]]
        )

    with refused("at least one chat type must be allowed"):
        await bot.send_message(GROUP, "x", reply_markup=picker())
    await bot.send_message(GROUP, "x", reply_markup=picker(allow_group_chats=True))
    (message,) = await people.messages(ADA, GROUP)
    assert message["reply_markup"]["inline_keyboard"][0][0] == {
        "text": "Share",
        "switch_inline_query_chosen_chat": {"query": "cat", "allow_group_chats": True},
    }
