"""What people read about the words of a model that knows few."""

from bot.languages import Language
from bot.word_list import list_words, name_unknown
from inference import catalog

ENGLISH, CHINESE = Language("en"), Language("zh")


def test_words_names_everything_the_model_knows_in_the_persons_language() -> None:
    model = catalog.find("builtin")
    english, chinese = list_words(ENGLISH, model), list_words(CHINESE, model)
    assert english.startswith("Things: cat, dog, ")
    assert "Ways to move: left, right" in english
    assert "Backgrounds: red, " in english
    assert chinese.startswith("东西：猫、狗、")
    assert not any(word in chinese for word in ("cat", "left", "red"))


def test_a_model_of_all_words_has_no_list() -> None:
    assert "whatever you like" in list_words(ENGLISH, catalog.find("wan2.2-ti2v-5b"))


def test_unknown_words_are_quoted_and_may_hold_braces() -> None:
    assert name_unknown(ENGLISH, ["{0}", "x"]).startswith("The model does not know “{0}”, “x”; ")
    assert "“x”、“y”" in name_unknown(CHINESE, ["x", "y"])
