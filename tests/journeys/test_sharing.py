"""Sharing: `@bot words` in any chat, the Share button, and the link to make one's own."""

import asyncio
from pathlib import Path
from typing import Any

from bot.app import App
from tests.fleets import LocalFleet, open_gate
from tests.journeys.test_buttons import make_clip, tap
from tests.service import (
    ADA,
    BO,
    CLEO,
    GROUP,
    Message,
    Sandbox,
    by_bot,
    open_service,
    settled,
    taps,
    texts,
    until,
    videos,
)

TOKEN = "00c0ffee00c0ffee"


async def find(
    sandbox: Sandbox, person: int, query: str, offset: str = "", chat: int = GROUP
) -> dict[str, Any]:
    answer = await sandbox.client.inline(person, chat, query, offset)
    assert answer is not None
    assert (answer["is_personal"], answer["cache_time"]) == (True, 0)
    return answer


async def titles(sandbox: Sandbox, person: int, query: str) -> list[str]:
    return [result["title"] for result in (await find(sandbox, person, query))["results"]]


async def make_clips(sandbox: Sandbox, app: App, *asked: tuple[int, str]) -> list[Message]:
    """The clips that came of it, each in its maker's private chat."""
    made = []
    for person, prompt in asked:
        before = len(videos(await sandbox.client.messages(person, person)))
        await sandbox.client.send(person, person, prompt)

        def newest(found: list[Message], before: int = before) -> Message | None:
            clips = videos(found)
            return clips[-1] if len(clips) > before else None

        made.append(await until(sandbox.client, person, person, newest))
    await settled(app)
    return made


def share_query(clip: Message) -> str:
    """What the Share button puts behind @bot."""
    rows = clip["reply_markup"]["inline_keyboard"]
    (wanted,) = [
        button["switch_inline_query_chosen_chat"]
        for row in rows
        for button in row
        if "switch_inline_query_chosen_chat" in button
    ]
    assert wanted["allow_user_chats"]
    assert wanted["allow_group_chats"]
    assert wanted["allow_channel_chats"]
    return str(wanted["query"])


def link_token(message: Message) -> str:
    ((button,),) = message["reply_markup"]["inline_keyboard"]
    start = "https://t.me/kinogram_sandbox_bot?start=make_"
    assert button["url"].startswith(start)
    return str(button["url"].removeprefix(start))


async def test_people_find_their_own_clips_and_public_ones_and_never_anothers_private_one(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        first, _, _ = await make_clips(
            sandbox,
            app,
            (ADA, "a cat on blue"),
            (ADA, "一只熊猫在森林里跳舞"),
            (BO, "Bo's red CAT"),
        )
        assert await titles(sandbox, ADA, "") == ["一只熊猫在森林里跳舞", "a cat on blue"]
        assert await titles(sandbox, ADA, "BLUE ca") == ["a cat on blue"]
        assert await titles(sandbox, ADA, "跳舞 熊猫") == ["一只熊猫在森林里跳舞"]
        assert await titles(sandbox, BO, "cat") == ["Bo's red CAT"]
        assert await titles(sandbox, BO, "熊猫") == []
        assert await titles(sandbox, CLEO, "") == []

        assert "@kinogram_sandbox_bot" in await tap(sandbox, ADA, ADA, first, "publish")
        assert await titles(sandbox, BO, "cat") == ["Bo's red CAT", "a cat on blue"]
        assert await titles(sandbox, BO, "") == ["Bo's red CAT"]
        (result,) = (await find(sandbox, CLEO, "cat"))["results"]
        assert result["description"] == "Ada"

        redrawn = await until(
            sandbox.client,
            ADA,
            ADA,
            lambda found: next((one for one in videos(found) if "unpublish" in taps(one)), None),
        )
        assert redrawn["message_id"] == first["message_id"]
        assert "Private now" in await tap(sandbox, ADA, ADA, redrawn, "unpublish")
        assert await titles(sandbox, BO, "cat") == ["Bo's red CAT"]


async def test_a_clip_is_posted_by_its_file_with_prompt_maker_and_a_link_to_make_ones_own(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        (clip,) = await make_clips(sandbox, app, (ADA, "a cat <b>& 'dog'</b>"))
        answer = await find(sandbox, ADA, share_query(clip))
        (result,) = answer["results"]
        posted = await sandbox.client.choose(ADA, GROUP, answer["query_id"], result["id"])
        assert posted["caption"] == "a cat <b>& 'dog'</b>\nmade by Ada"
        assert posted["video"]["file_unique_id"] == clip["video"]["file_unique_id"]
        token = link_token(posted)

        # Her clip is private: a friend is greeted, and told how to go on without it.
        await sandbox.client.send(BO, BO, f"/start make_{token}")
        (greeting,) = await until(sandbox.client, BO, BO, texts)
        assert "请复制视频下方的文字" in greeting
        assert "cat" not in greeting

        await tap(sandbox, ADA, ADA, clip, "publish")
        await sandbox.client.send(BO, BO, f"/start make_{token}")
        offered = await until(
            sandbox.client, BO, BO, lambda found: len(texts(found)) == 2 and by_bot(found)[1]
        )
        assert offered["text"].endswith("\n\na cat <b>& 'dog'</b>")
        (code,) = [one for one in offered["entities"] if one["type"] == "pre"]
        assert offered["text"][code["offset"] :] == "a cat <b>& 'dog'</b>"
        assert len(fleet.requests) == 1
        assert {row["user_id"] for row in await settled(app)} == {ADA}


async def test_in_a_group_only_the_maker_shares_a_private_clip_and_makes_it_public(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        clip = await make_clip(sandbox, ADA, GROUP, "/video a cat")
        await settled(app)
        token = share_query(clip)
        answer = await find(sandbox, CLEO, token)
        assert answer["results"] == []
        assert answer["button"]["text"] == "Only its maker can share a private clip"
        # The same as for a clip that is not there: nothing is told.
        unknown = await find(sandbox, CLEO, TOKEN)
        assert (unknown["results"], unknown["button"]) == ([], answer["button"])
        assert "Only the person who made" in await tap(sandbox, CLEO, GROUP, clip, "publish")
        assert (await find(sandbox, CLEO, token))["results"] == []
        assert len((await find(sandbox, ADA, token))["results"]) == 1

        # Tapped twice: the button is still there because its redrawing has to wait.
        await sandbox.client.misbehave("editMessageReplyMarkup", "429", retry_after=5)
        for _ in range(2):
            await tap(sandbox, ADA, GROUP, clip, "publish")
        assert len((await find(sandbox, CLEO, token))["results"]) == 1


async def test_a_deleted_clip_is_found_no_more(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        (clip,) = await make_clips(sandbox, app, (ADA, "a cat"))
        await tap(sandbox, ADA, ADA, clip, "publish")
        token = share_query(clip)
        assert await titles(sandbox, BO, "cat") == await titles(sandbox, BO, token) == ["a cat"]
        await tap(sandbox, ADA, ADA, clip, "delete")
        for person in (ADA, BO):
            for query in ("cat", "", token):
                assert await titles(sandbox, person, query) == []
        await sandbox.client.send(BO, BO, f"/start make_{token}")
        (greeting,) = await until(sandbox.client, BO, BO, texts)
        assert "cat" not in greeting


async def test_the_bot_says_nothing_to_a_clip_that_somebody_posts_in_its_own_chat(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await make_clips(sandbox, app, (ADA, "a cat"))
        answer = await find(sandbox, ADA, "", chat=ADA)
        await sandbox.client.choose(ADA, ADA, answer["query_id"], answer["results"][0]["id"])
        await sandbox.client.send(ADA, ADA, "/quota")
        await until(sandbox.client, ADA, ADA, lambda found: "Credits left" in texts(found)[-1])
        assert len(texts(await sandbox.client.messages(ADA, ADA))) == 2
        assert len(fleet.requests) == 1


async def test_a_flood_of_inline_queries_is_written_nowhere_and_delays_no_prompt(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        await make_clips(sandbox, app, (ADA, "a cat"))
        updates = await app.database.read(
            lambda db: db.execute("SELECT count(*) FROM inbox").fetchone()[0]
        )
        flood = [
            asyncio.create_task(sandbox.client.inline(ADA, ADA, f"{'x' * (n % 9)} {n}"))
            for n in range(60)
        ]
        await make_clips(sandbox, app, (BO, "a dog"))
        # Of what one person typed faster than it could be answered, the newest counts.
        assert await titles(sandbox, ADA, "cat") == ["a cat"]
        for asking in flood:
            asking.cancel()
        assert updates + 1 == await app.database.read(
            lambda db: db.execute("SELECT count(*) FROM inbox").fetchone()[0]
        )


async def test_without_inline_mode_nothing_is_offered_to_share(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    await sandbox.client.set_inline_mode(on=False)
    fleet = LocalFleet(gate=open_gate())
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open):
        clip = await make_clip(sandbox, ADA, ADA, "a cat")
        assert list(taps(clip)) == ["again", "vary", "edit", "extend", "delete"]
        labels = [key["text"] for row in clip["reply_markup"]["inline_keyboard"] for key in row]
        assert len(labels) == 5
