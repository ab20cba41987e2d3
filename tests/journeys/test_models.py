"""Several models side by side: named in a prompt or chosen in /settings, kept by remakes."""

from pathlib import Path

from tests.fleets import LocalFleet, open_gate
from tests.journeys.test_own_jobs import ask
from tests.journeys.test_pictures import PHOTO
from tests.journeys.test_settings import tap
from tests.service import (
    ADA,
    BO,
    GROUP,
    Message,
    Sandbox,
    buttons,
    ledger,
    open_service,
    settled,
    taps,
    texts,
    until,
    videos,
)

BOTH = ("builtin", "cogvideox-2b")
BUILTIN, COG = "Kinogram Mini", "CogVideoX 2B"


def fleet_of_both(*, is_open: bool = True) -> LocalFleet:
    fleet = LocalFleet(models=BOTH)
    if is_open:
        fleet.gate = open_gate()
    return fleet


async def clips(sandbox: Sandbox, person: int, number: int) -> Message:
    """The latest clip of somebody's private chat, once it has so many."""
    found = await until(
        sandbox.client,
        person,
        person,
        lambda shown: len(videos(shown)) == number and videos(shown),
    )
    return dict(found[-1])


async def test_a_prompt_names_its_model_and_what_is_made_anew_keeps_it(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = fleet_of_both()
    settings = sandbox.settings(tmp_path / "data", model=",".join(BOTH))
    async with open_service(settings, fleet.open) as app:
        listed = await ask(sandbox, ADA, ADA, "/help", "--model builtin|cogvideox-2b")
        assert f"cogvideox-2b – {COG} · from words · up to 6.1 s" in listed["text"]
        await ask(sandbox, ADA, ADA, "a cat --model sora", "can be builtin, cogvideox-2b here")
        await ask(sandbox, ADA, ADA, "a cat --model cogvideox-2b --ar 1:1", "can only be 3:2 here")
        await ask(
            sandbox, BO, BO, "一只猫 --model sora", "--model 在这里只能是：builtin、cogvideox-2b"
        )
        assert await ledger(app.database) == []
        await sandbox.client.send(ADA, ADA, "a cat")
        assert (await clips(sandbox, ADA, 1))["caption"].endswith(f" · {BUILTIN}")
        await sandbox.client.send(ADA, ADA, "the sea --model CogVideoX-2B --seed 7")
        clip = await clips(sandbox, ADA, 2)
        assert clip["caption"] == f"the sea\nseed 7 · {COG}"
        assert "extend" not in taps(clip)
        await sandbox.client.tap(ADA, ADA, clip["message_id"], taps(clip)["again"])
        again = await clips(sandbox, ADA, 3)
        await sandbox.client.send(ADA, ADA, "/video the sea at night", reply_to=again["message_id"])
        await clips(sandbox, ADA, 4)
        await settled(app)
        made = [(request.prompt, request.model) for request in fleet.requests]
        assert made == [
            ("a cat", "builtin"),
            ("the sea", "cogvideox-2b"),
            ("the sea", "cogvideox-2b"),
            ("the sea at night", "cogvideox-2b"),
        ]
        assert fleet.wanted == {"builtin": 0, "cogvideox-2b": 0}


async def test_a_model_chosen_in_the_settings_makes_every_clip_that_asks_for_no_other(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = fleet_of_both()
    settings = sandbox.settings(tmp_path / "data", model=",".join(BOTH))
    async with open_service(settings, fleet.open):
        shown = await ask(sandbox, ADA, ADA, "/settings", f"Model: {BUILTIN}")
        shown = await tap(sandbox, ADA, ADA, shown, "aspect_ratio:16:9", "Shape: 16:9")
        shown = await tap(sandbox, ADA, ADA, shown, "model:cogvideox-2b", f"Model: {COG}")
        # The other model has no such shape.
        assert "Shape: 3:2" in shown["text"]
        assert f"✓ {COG}" in [button["text"] for button in buttons(shown)]
        for number, text in enumerate(("a cat", "a dog --model builtin"), 1):
            await sandbox.client.send(ADA, ADA, text)
            await clips(sandbox, ADA, number)
        assert [(made.model, made.aspect_ratio) for made in fleet.requests] == [
            ("cogvideox-2b", "3:2"),
            ("builtin", "16:9"),
        ]


async def test_a_picture_goes_to_a_model_that_starts_from_one_and_others_say_which_does(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = LocalFleet(gate=open_gate(), models=BOTH[::-1])
    settings = sandbox.settings(tmp_path / "data", model=",".join(BOTH[::-1]))
    async with open_service(settings, fleet.open) as app:
        await sandbox.client.photo(BO, BO, PHOTO, "下雨")
        (answer,) = await until(sandbox.client, BO, BO, texts)
        assert "--model builtin 可以" in answer
        assert await ledger(app.database) == []
        await sandbox.client.photo(BO, BO, PHOTO, "下雨 --model builtin")
        await clips(sandbox, BO, 1)
        (request,) = fleet.requests
        assert request.model == "builtin"
        assert request.image


async def test_models_have_lines_of_their_own_and_render_side_by_side(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = fleet_of_both(is_open=False)
    settings = sandbox.settings(tmp_path / "data", model=",".join(BOTH))
    async with open_service(settings, fleet.open) as app:
        for text in (
            "a cat",
            "a dog",
            "a bird --model cogvideox-2b",
            "a fish --model cogvideox-2b",
        ):
            await sandbox.client.send(ADA, ADA, text)

        def shown_so(found: list[Message]) -> bool:
            cards = [text.split("\n")[0] for text in texts(found)]
            return sorted(("Next in line" in card, card.split(" · ")[-1]) for card in cards) == [
                (False, COG),
                (False, BUILTIN),
                (True, COG),
                (True, BUILTIN),
            ]

        await until(sandbox.client, ADA, ADA, shown_so)
        assert fleet.wanted == {"builtin": 2, "cogvideox-2b": 2}
        fleet.gate.set()
        await clips(sandbox, ADA, 4)
        await settled(app)


async def test_what_waits_for_a_model_that_is_served_no_more_ends_with_its_credits_back(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    fleet = fleet_of_both()
    both = sandbox.settings(tmp_path / "data", model=",".join(BOTH))
    async with open_service(both, fleet.open):
        await sandbox.client.send(ADA, ADA, "the sea --model cogvideox-2b")
        clip = await clips(sandbox, ADA, 1)
        fleet.gate.clear()
        await sandbox.client.send(BO, BO, "一只猫 --model cogvideox-2b")
        await until(sandbox.client, BO, BO, texts)
    alone = sandbox.settings(tmp_path / "data")
    async with open_service(alone, LocalFleet(gate=open_gate()).open) as app:
        await until(
            sandbox.client,
            BO,
            BO,
            lambda found: "所选的模型已不再提供。额度已退还。" in texts(found)[-1],
        )
        kinds = [row["kind"] for row in await settled(app)]
        assert sorted(kinds) == ["capture", "release", "reserve", "reserve"]
        told = await sandbox.client.tap(ADA, ADA, clip["message_id"], taps(clip)["again"])
        assert told is not None
        assert f"{COG} made this clip and is not served now." in told["text"]
        await sandbox.client.send(ADA, GROUP, "/video a cat")
        (alone_clip,) = await until(sandbox.client, ADA, GROUP, videos)
        assert BUILTIN not in alone_clip["caption"]
