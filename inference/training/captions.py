"""Sentences that people might type, in both languages, for a thing, a motion and a background."""

import random

from inference.vocabulary import Colour, Meaning, Thing

ENGLISH_VERBS = {
    "cat": ("walks", "runs", "moves", "goes"),
    "fish": ("swims", "moves"),
    "bird": ("flies", "moves"),
    "car": ("drives", "moves", "goes"),
}
ANY_VERB = (
    "moves",
    "goes",
    "moving",
    "is moving",
    "slides",
    "runs",
    "flies",
    "drifts",
    "walks",
    "floats",
    "going",
    "move",
    "drives",
    "running",
    "flying",
    "walking",
    "swims",
    "rises",
    "falls",
    "runs slowly",
)
ANY_STAY = ("stands", "stays", "sits", "is", "standing", "sitting", "staying")


def english(
    random_: random.Random, thing: Thing, motion: Meaning, background: Colour | None
) -> str:
    """One English prompt; a background of None is not mentioned."""
    pick = random_.choice
    noun = pick(thing.english)
    subject = f"{pick(('a ', 'a ', 'the ', 'one ', ''))}{noun}"
    if motion.name == "still":
        stay = f"{pick(ANY_STAY)} "
        action = pick(("", "", pick(motion.english), f"{stay}{pick(motion.english)}"))
    else:
        way = pick(motion.english)
        action = pick(
            (
                way,
                f"{pick(ANY_VERB)} {way}",
                f"{pick(ANY_VERB)} {way}",
                f"{pick(ANY_VERB)} {pick(('to the', 'towards the', 'toward the', 'to the'))} {way}"
                if motion.name in {"left", "right"} and random_.random() < 0.5
                else f"{pick(ANY_VERB)} {way}",
            )
        )
    parts = [f"{subject} {action}".strip()]
    if background is not None:
        colour = pick(background.english)
        place = pick(
            (
                f"on {colour}",
                f"on a {colour} background",
                f"on {colour} background",
                f"in front of a {colour} background",
                f"with a {colour} background",
                f"{colour} background",
                f"over {colour}",
                f"against a {colour} backdrop",
            )
        )
        parts.append(place)
        if random_.random() < 0.2:
            parts.reverse()
    text = pick((" ", " ", " ", ", ")).join(parts)
    opening = pick(
        (
            "",
            "",
            "",
            "",
            "please show me ",
            "show me ",
            "draw ",
            "make a video of ",
            "a clip of ",
            "i want to see ",
            "can you make ",
            "a video: ",
        )
    )
    text = opening + text + pick(("", "", "", ".", "!", " please"))
    return text if random_.random() < 0.8 else text.capitalize()


def chinese(
    random_: random.Random, thing: Thing, motion: Meaning, background: Colour | None
) -> str:
    """One Chinese prompt; a background of None is not mentioned."""
    pick = random_.choice
    subject = pick(("", "", "一只", "一个", "一辆", "一条", "一艘")) + pick(thing.chinese)
    if motion.name == "still":
        action = pick(("", "", pick(motion.chinese), "站着不动", "停在原地", "静止"))
    else:
        way = pick([word for word in motion.chinese if len(word) > 1])
        verb = pick(("移动", "移动", "走", "跑", "飞", "游", "开", ""))
        action = pick((f"{way}{verb}", f"{way}{verb}", f"正在{way}{verb}", f"慢慢{way}{verb}"))
    place = ""
    if background is not None:
        colour = pick(background.chinese)
        full = background.chinese[0]
        place = pick((f"{full}背景", f"在{full}背景上", f"在{full}的背景前", f"{colour}背景上"))
    order = pick((0, 0, 1, 2))
    if order == 0:
        text = subject + place + action
    elif order == 1:
        text = place + pick(("", "，", "的")) + subject + action
    else:
        text = subject + action + pick(("，", " ", "")) + place
    opening = pick(("", "", "", "请给我看", "画", "生成一段视频：", "我想看"))
    return opening + text + pick(("", "", "。"))


def caption(
    random_: random.Random, thing: Thing, motion: Meaning, background: Colour | None
) -> str:
    """A prompt in either language, English three times of five."""
    write = english if random_.random() < 0.6 else chinese
    return write(random_, thing, motion, background)
