"""Somebody whom an admin has blocked: nothing of theirs is found, and they find nothing."""

from pathlib import Path

from tests.fleets import LocalFleet, open_gate
from tests.journeys.test_admins import ask
from tests.journeys.test_buttons import tap
from tests.journeys.test_privacy import answer_question
from tests.journeys.test_sharing import find, make_clips, share_query, titles
from tests.service import ADA, BO, CLEO, Sandbox, open_service


async def test_while_somebody_is_blocked_they_find_no_clips_and_theirs_are_found_by_nobody_else(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    async with open_service(
        sandbox.settings(tmp_path / "data"), LocalFleet(gate=open_gate()).open
    ) as app:
        bad, good = await make_clips(sandbox, app, (ADA, "a bad cat"), (BO, "a good cat"))
        await tap(sandbox, ADA, ADA, bad, "publish")
        await tap(sandbox, BO, BO, good, "publish")
        assert await titles(sandbox, CLEO, "cat") == ["a good cat", "a bad cat"]
        assert await titles(sandbox, ADA, "cat") == ["a bad cat", "a good cat"]

        await ask(sandbox, f"/block {ADA}")
        for query in ("cat", "", share_query(bad), share_query(good)):
            answer = await find(sandbox, ADA, query)
            assert answer["results"] == []
            assert answer["button"]["text"] == "An admin has blocked you."
        assert await titles(sandbox, CLEO, "cat") == ["a good cat"]
        assert await titles(sandbox, CLEO, share_query(bad)) == []

        await ask(sandbox, f"/unblock {ADA}")
        assert await titles(sandbox, CLEO, "cat") == ["a good cat", "a bad cat"]
        assert await titles(sandbox, ADA, "") == ["a bad cat"]


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
