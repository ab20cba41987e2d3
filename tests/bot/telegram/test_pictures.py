"""Which messages ask for a clip that starts from a picture, and which size of it is fetched."""

from typing import Any

import pytest
from telegram import Bot, Message, PhotoSize

from bot.telegram.pictures import asked, sent_picture
from bot.text_length import utf16_length

ME = 7000001


class NamedBot(Bot):
    """A bot that knows who it is without asking."""

    @property
    def id(self) -> int:
        return ME

    @property
    def username(self) -> str:
        return "Kino_bot"


BOT = NamedBot(f"{ME}:x")
SIZES = [
    {"file_id": f"size {side}", "file_unique_id": str(side), "width": side, "height": side // 2}
    for side in (90, 320, 800, 1280)
]
FILE = {"file_id": "file", "file_unique_id": "f", "mime_type": "image/PNG", "file_size": 9}


def message(chat: str = "private", sender: int = 5, **content: Any) -> dict[str, Any]:
    words = content.get("text") or content.get("caption") or ""
    kinds = {"/": "bot_command", "@": "mention"}
    entities = [
        {
            "type": kinds[word[0]],
            "offset": utf16_length(words[: words.index(word)]),
            "length": len(word),
        }
        for word in words.split()
        if word[0] in kinds
    ]
    return {
        "message_id": 1,
        "date": 1,
        "chat": {"id": -1 if chat != "private" else 5, "type": chat},
        "from": {"id": sender, "is_bot": sender == ME, "first_name": "Ada"},
        "entities" if "text" in content else "caption_entities": entities,
        **content,
    }


def read(payload: dict[str, Any]) -> Message:
    found = Message.de_json(payload, BOT)
    assert found is not None
    return found


def words(payload: dict[str, Any]) -> str | None:
    found = asked(read(payload))
    return None if found is None else found.text


@pytest.mark.parametrize(
    ("chat", "caption", "prompt"),
    [
        ("private", "it rains", "it rains"),
        ("private", "", ""),
        ("private", "/video it rains", "it rains"),
        ("private", "/quota", None),
        ("private", "😀 it rains @kino_bot", "😀 it rains"),
        ("supergroup", "it rains", None),
        ("supergroup", "", None),
        ("supergroup", "/video", ""),
        ("supergroup", "/video@KINO_bot 下雨", "下雨"),
        ("supergroup", "/video@other_bot it rains", None),
        ("supergroup", "/videos it rains", None),
        ("supergroup", "😀 @Kino_bot it rains", "😀   it rains"),
        ("supergroup", "@other_bot it rains", None),
    ],
)
def test_a_caption_asks_in_private_always_and_in_groups_when_it_names_the_bot(
    chat: str, caption: str, prompt: str | None
) -> None:
    assert words(message(chat, photo=SIZES, caption=caption)) == prompt
    assert words(message(chat, document=FILE, caption=caption)) == prompt
    replied = message(chat, photo=SIZES)
    if caption:
        assert words(message(chat, text=caption, reply_to_message=replied)) == prompt


def test_other_messages_ask_for_no_picture() -> None:
    assert words(message(text="it rains")) is None
    assert words(message(text="it rains", reply_to_message=message(text="hello"))) is None
    text_file = FILE | {"mime_type": "text/plain"}
    assert words(message(document=text_file, caption="it rains")) is None
    animation = {**FILE, "width": 9, "height": 9, "duration": 1}
    moving = message(document=FILE, animation=animation, caption="it rains")
    assert words(moving) is None
    own = message(sender=ME, photo=SIZES)
    assert words(message(text="it rains", reply_to_message=own)) is None
    sticker = {"sticker": {"file_id": "s", "file_unique_id": "s", "width": 9, "height": 9}}
    about = {"type": "regular", "is_animated": False, "is_video": False}
    replied = message(sticker=sticker["sticker"] | about)
    assert words(message(text="it rains", reply_to_message=replied)) is None


@pytest.mark.parametrize(("side", "size"), [(40, 90), (160, 320), (161, 800), (641, 1280)])
def test_the_smallest_size_that_is_large_enough_is_fetched(side: int, size: int) -> None:
    sent = sent_picture(read(message(photo=list(reversed(SIZES)))), side)
    assert sent.file_id == f"size {size}"
    assert (sent.width, sent.height, sent.mime_type) == (size, size // 2, "image/jpeg")
    assert isinstance(read(message(photo=SIZES)).photo[0], PhotoSize)


def test_a_file_is_described_as_far_as_telegram_describes_it() -> None:
    sent = sent_picture(read(message(document=FILE, media_group_id="a")), 100)
    assert (sent.file_id, sent.mime_type, sent.size_bytes) == ("file", "image/png", 9)
    assert (sent.width, sent.height, sent.album) == (0, 0, "a")
