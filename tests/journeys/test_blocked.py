"""Somebody whom an admin has blocked: nothing of theirs is found, and they find nothing."""

from pathlib import Path

import pytest

from tests.fleets import LocalFleet, open_gate
from tests.journeys.test_admins import ask
from tests.journeys.test_buttons import tap
from tests.journeys.test_privacy import answer_question
from tests.journeys.test_sharing import find, make_clips, share_query, titles
from tests.service import (
    ADA,
    BO,
    CLEO,
    GROUP,
    Sandbox,
    by_bot,
    let_it_answer,
    open_service,
    settled,
    texts,
    until,
    videos,
)


async def test_while_somebody_is_blocked_they_find_no_clips_and_theirs_are_found_by_nobody_else(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    async with open_service(
        sandbox.settings(tmp_path / "data"), LocalFleet(gate=open_gate()).open
    ) as app:
        made = (ADA, "a bad cat"), (BO, "a good cat"), (ADA, "a sly cat")
        bad, good, sly = await make_clips(sandbox, app, *made)
        await tap(sandbox, ADA, ADA, bad, "publish")
        await tap(sandbox, BO, BO, good, "publish")
        assert await titles(sandbox, CLEO, "cat") == ["a good cat", "a bad cat"]
        assert await titles(sandbox, ADA, "cat") == ["a sly cat", "a bad cat", "a good cat"]

        await ask(sandbox, f"/block {ADA}")
        for query in ("cat", "", share_query(bad), share_query(good)):
            answer = await find(sandbox, ADA, query)
            assert answer["results"] == []
            assert answer["button"]["text"] == "An admin has blocked you."
        assert await titles(sandbox, CLEO, "cat") == ["a good cat"]
        assert await titles(sandbox, CLEO, share_query(bad)) == []
        assert "has blocked you" in await tap(sandbox, ADA, ADA, sly, "publish")

        await ask(sandbox, f"/unblock {ADA}")
        assert await titles(sandbox, CLEO, "cat") == ["a good cat", "a bad cat"]
        assert await titles(sandbox, ADA, "") == ["a sly cat", "a bad cat"]


async def test_a_block_stops_the_searches_of_somebody_who_was_forgotten(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    async with open_service(
        sandbox.settings(tmp_path / "data"), LocalFleet(gate=open_gate()).open
    ) as app:
        (good,) = await make_clips(sandbox, app, (BO, "a good cat"))
        await tap(sandbox, BO, BO, good, "publish")
        await make_clips(sandbox, app, (ADA, "a bad cat"))
        await ask(sandbox, f"/block {ADA}")
        await answer_question(sandbox, ADA, ADA, "yes")
        assert (await find(sandbox, ADA, "cat"))["button"]["text"] == "An admin has blocked you."


@pytest.mark.parametrize("whom", [ADA, GROUP])
async def test_what_waits_and_runs_of_somebody_or_of_a_group_ends_when_it_is_blocked(
    sandbox: Sandbox, tmp_path: Path, whom: int
) -> None:
    fleet = LocalFleet()
    async with open_service(sandbox.settings(tmp_path / "data"), fleet.open) as app:
        for prompt in ("a cat", "a dog"):
            await sandbox.client.send(ADA, GROUP, f"/video {prompt}")
        await until(sandbox.client, ADA, GROUP, lambda found: len(by_bot(found)) == 2)
        await sandbox.client.send(BO, BO, "一只鸟")
        await until(sandbox.client, BO, BO, by_bot)
        while not fleet.requests:
            await let_it_answer(sandbox, CLEO)
        assert "what waited or ran is cancelled" in await ask(sandbox, f"/block {whom}")
        # The gate is shut: the render ends because it was stopped.
        await until(
            sandbox.client,
            ADA,
            GROUP,
            lambda found: len([text for text in texts(found) if "Cancelled" in text]) == 2,
        )
        fleet.gate.set()
        await until(sandbox.client, BO, BO, videos)
        captured = [row for row in await settled(app) if row["kind"] == "capture"]
        assert [row["user_id"] for row in captured if row["amount_tenths"] > 2] == [BO]
        assert [request.prompt for request in fleet.requests] == ["a cat", "一只鸟"]
