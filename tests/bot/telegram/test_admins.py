from datetime import UTC, datetime

import pytest
from telegram import Chat, ForumTopicCreated, Message, Update, User

from bot.telegram.admins import replied_to

ADA = User(5, "Ada", is_bot=False)
BOT = User(7, "Kinogram", is_bot=True)
TOPIC = ForumTopicCreated("Films", 0)


@pytest.mark.parametrize(
    ("author", "topic", "found"), [(ADA, None, 5), (BOT, None, None), (ADA, TOPIC, None)]
)
def test_only_an_answer_to_a_persons_message_names_them(
    author: User, topic: ForumTopicCreated | None, found: int | None
) -> None:
    chat, now = Chat(-9, "supergroup"), datetime.now(UTC)
    answered = Message(1, now, chat, from_user=author, forum_topic_created=topic)
    answer = Message(2, now, chat, from_user=ADA, reply_to_message=answered)
    assert replied_to(Update(1, message=answer)) == found
    assert replied_to(Update(1, message=answered)) is None
