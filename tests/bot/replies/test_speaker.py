from bot.replies.speaker import Speaker


def test_between_sentences_stands_a_space_but_not_between_chinese_ones() -> None:
    assert Speaker("en").sentences("One.", "", "Two.", "Three.") == "One. Two. Three."
    assert Speaker("zh").sentences("一。", "", "二。", "三。") == "一。二。三。"
    assert Speaker("zh").sentences("") == ""
