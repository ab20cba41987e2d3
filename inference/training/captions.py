"""Sentences that people might type for a story, in English and Chinese, in any order of parts."""

import random

from inference.training.motions import DIRECTIONS
from inference.training.stories import Story
from inference.vocabulary import MOTIONS, Colour, Meaning, Thing

GO = next(motion for motion in MOTIONS if motion.name == "go")
POSTFIXES = {"旁边", "上面", "上方", "下方", "下面", "里面", "前面", "后面"}
# How people say these too, though the words mean little by themselves.
PREPOSITIONS = {"inside": "in", "holding": "with"}
OPENINGS = (
    "please show me ",
    "show me ",
    "draw ",
    "make a video of ",
    "a clip of ",
    "i want to see ",
    "can you make ",
    "a video of ",
    "an animation of ",
    "hello, please make ",
    "i would like ",
    "let's see ",
)
CHINESE_OPENINGS = (
    "请给我看",
    "画",
    "生成一段视频：",
    "我想看",
    "帮我做一个视频，",
    "请画",
    "给我",
    "你好，我想要",
)


def caption(chooser: random.Random, story: Story) -> str:
    """A prompt in either language, English three times of five."""
    return (english if chooser.random() < 0.6 else chinese)(chooser, story)


def english(chooser: random.Random, story: Story) -> str:
    """One English prompt."""
    pick = chooser.choice
    core = _subject(chooser, story)
    if story.second is not None and story.relation is not None:
        second = _noun(chooser, story.second, 1, story.second_colour, None)
        word = pick(story.relation.english)
        if chooser.random() < 0.4:
            word = PREPOSITIONS.get(story.relation.name, word)
        core = f"{core} {word} {second}"
    if story.style is not None and story.style.name == "upside down":
        core += f" {pick(story.style.english)}"
    if story.motion is not None:
        core += f" {_action(chooser, story.motion)}"
    asides = [part for part in (_place(chooser, story), _weather(chooser, story)) if part]
    asides += _looks(chooser, story)
    chooser.shuffle(asides)
    before = [aside for aside in asides if chooser.random() < 0.25]
    after = [aside for aside in asides if aside not in before]
    text = "".join(f"{part}{pick((', ', ', ', ' '))}" for part in before) + core
    text += "".join(pick((", ", " ", " ")) + part for part in after)
    text = (pick(OPENINGS) if chooser.random() < 0.3 else "") + text
    text += pick(("", "", "", ".", "!", " please"))
    return text if chooser.random() < 0.8 else text.capitalize()


def _subject(chooser: random.Random, story: Story) -> str:
    return _noun(chooser, story.first, story.count, story.first_colour, story.size)


def _noun(
    chooser: random.Random, thing: Thing, count: int, colour: Colour | None, size: Meaning | None
) -> str:
    pick = chooser.choice
    adjectives = [pick(meaning.english) for meaning in (size, colour) if meaning is not None]
    if count == 1:
        words = [pick(("a", "a", "the", "one", "")), *adjectives, pick(thing.english)]
        return " ".join(word for word in words if word)
    numbers = ("two", "2", "a pair of", "a couple of") if count == 2 else ("three", "3")
    number = "" if chooser.random() < 0.1 else pick(numbers)
    nouns = sorted(thing.plurals) or thing.english
    return " ".join(word for word in (number, *adjectives, pick(nouns)) if word)


def _action(chooser: random.Random, motion: Meaning) -> str:
    pick = chooser.choice
    word = pick(motion.english)
    if motion.name not in DIRECTIONS:
        if word.endswith("ing") and chooser.random() < 0.4:
            return f"{pick(('is', 'that is', 'which is'))} {word}"
        return word
    if word.split()[-1] in {
        "rises",
        "rise",
        "rising",
        "falls",
        "fall",
        "falling",
        "sinks",
        "sinking",
    }:
        return word
    verb = pick(GO.english) if chooser.random() < 0.75 else ""
    if chooser.random() < 0.15:
        word += pick((" slowly", " quickly", " across the screen"))
    return f"{verb} {word}".strip()


def _place(chooser: random.Random, story: Story) -> str:
    pick = chooser.choice
    if not story.told:
        return ""
    word = pick(story.background.english)
    if isinstance(story.background, Colour):
        return pick(
            (
                f"on {word}",
                f"on a {word} background",
                f"in front of a {word} background",
                f"with a {word} background",
                f"{word} background",
                f"over {word}",
                f"against a {word} backdrop",
            )
        )
    way = pick(
        ("in the", "in the", "in a", "at the", "on the", "on a", "in", "over the", "across the")
    )
    return pick((f"{way} {word}", f"{way} {word}", f"with the {word} in the background", word))


def _weather(chooser: random.Random, story: Story) -> str:
    if story.weather is None:
        return ""
    word = chooser.choice(story.weather.english)
    return chooser.choice(
        (f"with {word}", f"in the {word}", word, f"while it is {word}", f"and {word}")
    )


def _looks(chooser: random.Random, story: Story) -> list[str]:
    """What is said of camera and style."""
    pick = chooser.choice
    said = []
    if story.camera is not None:
        word = pick(story.camera.english)
        said.append(pick((word, word, f"the camera {word}" if "camera" not in word else word)))
    if story.style is not None and story.style.name != "upside down":
        word = pick(story.style.english)
        said.append(pick((word, word, f"in {word} style", f"{word} scene", f"{word} picture")))
    return said


def chinese(chooser: random.Random, story: Story) -> str:
    """One Chinese prompt."""
    pick = chooser.choice
    core = _chinese_noun(chooser, story.first, story.count, story.first_colour, story.size)
    if story.style is not None and story.style.name == "upside down":
        core = pick((f"{pick(story.style.chinese)}的{core}", f"{core}{pick(story.style.chinese)}"))
    if story.second is not None and story.relation is not None:
        second = _chinese_noun(chooser, story.second, 1, story.second_colour, None)
        word = pick(story.relation.chinese)
        core += f"在{second}{word}" if word in POSTFIXES else f"{word}{second}"
    action = _chinese_action(chooser, story.motion) if story.motion is not None else ""
    place = _chinese_place(chooser, story)
    text = pick(
        (
            f"{core}{place}{action}",
            f"{place}{pick(('', '，', '的'))}{core}{action}",
            f"{core}{action}，{place}",
        )
    )
    asides = []
    if story.weather is not None:
        word = pick(story.weather.chinese)
        asides.append(pick((word, f"{word}中", f"有{word}")))
    if story.camera is not None:
        asides.append(pick(story.camera.chinese))
    if story.style is not None and story.style.name != "upside down":
        word = pick(story.style.chinese)
        asides.append(pick((word, f"{word}画面", f"{word}的风格")))
    for aside in asides:
        text = pick((f"{text}，{aside}", f"{aside}，{text}", f"{text} {aside}"))
    opening = pick(CHINESE_OPENINGS) if chooser.random() < 0.3 else ""
    return opening + text.strip("，") + pick(("", "", "。"))


def _chinese_noun(
    chooser: random.Random, thing: Thing, count: int, colour: Colour | None, size: Meaning | None
) -> str:
    pick = chooser.choice
    number = {1: pick(("", "一", "一")), 2: pick(("两", "二", "2")), 3: pick(("三", "3"))}[count]
    measure = pick((thing.measure, thing.measure, "个", "只")) if number else ""
    said = "".join(
        pick(meaning.chinese).removesuffix("的") + pick(("", "的"))
        for meaning in (size, colour)
        if meaning is not None
    )
    return f"{number}{measure}{said}{pick(thing.chinese)}"


def _chinese_action(chooser: random.Random, motion: Meaning) -> str:
    pick = chooser.choice
    word = pick(motion.chinese)
    if motion.name in DIRECTIONS and chooser.random() < 0.7:
        word += pick(GO.chinese)
    return pick(("", "", "正在", "慢慢", "慢慢地", "在")) + word


def _chinese_place(chooser: random.Random, story: Story) -> str:
    pick = chooser.choice
    if not story.told:
        return ""
    word = pick(story.background.chinese)
    if isinstance(story.background, Colour):
        full = story.background.chinese[0]
        return pick((f"{full}背景", f"在{full}背景上", f"在{full}的背景前", f"{word}背景上"))
    return pick((f"在{word}", f"在{word}里", f"在{word}上", f"{word}背景", word, f"{word}中"))
