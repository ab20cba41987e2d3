"""The words the built-in model knows, in English and Chinese (standard library only).

The captions it was trained on, its tokenizer and everything that tells people what it can draw are
made from these tables. Only a new training makes a changed table true.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One thing, motion or colour, and the words for it; the first of each language is its name."""

    english: tuple[str, ...]
    chinese: tuple[str, ...]

    @property
    def name(self) -> str:
        """The English name, which is also its key."""
        return self.english[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing(Meaning):
    """Something to draw.

    picture: the code points of its picture in the Fluent Emoji set, as its file is named.
    """

    picture: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Colour(Meaning):
    """A background, as 8-bit RGB."""

    red_green_blue: tuple[int, int, int]


def _thing(picture: str, english: str, chinese: str) -> Thing:
    return Thing(picture=picture, english=tuple(english.split()), chinese=tuple(chinese.split()))


THINGS: tuple[Thing, ...] = (
    _thing("1f408", "cat cats kitty kitten", "猫 小猫 猫咪"),
    _thing("1f436", "dog dogs puppy doggy", "狗 小狗 狗狗"),
    _thing("1f40e", "horse horses pony", "马 小马 骏马"),
    _thing("1f407", "rabbit rabbits bunny hare", "兔子 小兔子 兔"),
    _thing("1f43c", "panda pandas", "熊猫 大熊猫"),
    _thing("1f41f", "fish fishes", "鱼 小鱼"),
    _thing("1f98b", "butterfly butterflies", "蝴蝶"),
    _thing("1f422", "turtle turtles tortoise", "乌龟 海龟 龟"),
    _thing("1f418", "elephant elephants", "大象 象"),
    _thing("1f427", "penguin penguins", "企鹅"),
    _thing("1f697", "car cars automobile auto", "汽车 小汽车 轿车 车"),
    _thing("1f68c", "bus buses coach", "公共汽车 公交车 巴士"),
    _thing("2708-fe0f", "airplane airplanes plane planes aeroplane", "飞机"),
    _thing("1f680", "rocket rockets spaceship", "火箭"),
    _thing("26f5", "boat boats sailboat sailboats", "帆船 小船 船"),
    _thing("1f34e", "apple apples", "苹果"),
    _thing("1f34c", "banana bananas", "香蕉"),
    _thing("1f33b", "flower flowers sunflower sunflowers", "花 向日葵 花朵"),
    _thing("1f333", "tree trees", "树 大树 树木"),
    _thing("1f3e0", "house houses home", "房子 屋子 房屋"),
    _thing("2b50", "star stars", "星星 星"),
    _thing("2764-fe0f", "heart hearts", "心 爱心 红心"),
    _thing("1f916", "robot robots", "机器人"),
    _thing("1f388", "balloon balloons", "气球"),
)

MOTIONS: tuple[Meaning, ...] = (
    Meaning(english=("left", "leftward", "leftwards"), chinese=("向左", "往左", "左")),
    Meaning(english=("right", "rightward", "rightwards"), chinese=("向右", "往右", "右")),
    Meaning(english=("up", "upward", "upwards"), chinese=("向上", "往上")),
    Meaning(english=("down", "downward", "downwards"), chinese=("向下", "往下")),
    Meaning(english=("still", "motionless"), chinese=("静止", "不动")),
)


def _colour(code: str, english: str, chinese: str) -> Colour:
    red, green, blue = bytes.fromhex(code)
    return Colour(
        red_green_blue=(red, green, blue),
        english=tuple(english.split()),
        chinese=tuple(chinese.split()),
    )


COLOURS: tuple[Colour, ...] = (
    _colour("d93a32", "red crimson", "红色 红"),
    _colour("f28c28", "orange", "橙色 橘色 橙"),
    _colour("f4d13d", "yellow", "黄色 黄"),
    _colour("46a64f", "green", "绿色 绿"),
    _colour("3b7ddd", "blue", "蓝色 蓝"),
    _colour("8a4fc4", "purple violet", "紫色 紫"),
    _colour("f7f7f5", "white", "白色 白"),
    _colour("1c1c22", "black", "黑色 黑"),
)

# Words around the content, which say nothing about the picture.
ENGLISH_FILLERS: tuple[str, ...] = tuple(
    "a an the one some please show me us make draw give create render i want would like to see can "
    "could you video clip movie film animation of with in on against over across background "
    "backdrop colour color and is are that which it its moves move moving goes go going runs run "
    "running flies fly flying walks walk walking slides slide sliding swims swim swimming drives "
    "drive driving drifts drifting floats floating rises rise rising falls fall falling stands "
    "stand standing stays stay staying sits sit sitting towards toward from side screen slowly "
    "now just little there front".split()
)
CHINESE_FILLERS: tuple[str, ...] = tuple(
    "一 一只 一辆 一个 一条 一架 一艘 一棵 一朵 一匹 一头 一把 一颗 一座 "
    "一块 请 给我 我 想要 想 看 看到 显示 画 生成 制作 做 视频 动画 一段 "
    "短片 的 在 上 里 中 前 背景 移动 走 跑 飞 游 开 移 动 着 正在 地 "
    "慢慢 停 停在 站 站着 原地 是 和 帮我 展示 向 往 左边 右边 上面 下面 "
    "左移 右移 上移 下移 上升 下降 落下 升起".split()
)

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
# ASCII's, the general and the Chinese punctuation.
_PUNCTUATION = r"!-/:-@\[-`{-~\u00a1-\u00bf\u2010-\u205e\u3001-\u303f"


@cache
def known_words() -> frozenset[str]:
    """Every word, in both languages, that says something or may stand around what does."""
    meanings = (*THINGS, *MOTIONS, *COLOURS)
    said = (word for meaning in meanings for word in (*meaning.english, *meaning.chinese))
    return frozenset((*said, *ENGLISH_FILLERS, *CHINESE_FILLERS))


@cache
def _words() -> re.Pattern[str]:
    # As the tokenizer splits: known Chinese words, longest first; runs of other characters; and
    # all Chinese between known words as one unknown word.
    chinese = sorted((word for word in known_words() if not word.isascii()), key=len, reverse=True)
    known = "|".join(map(re.escape, chinese))
    others = rf"[^\s{_HAN}{_PUNCTUATION}]+"
    return re.compile(rf"(?:{known})|(?:(?!{known})[{_HAN}])+|{others}")


def unknown_words(prompt: str) -> tuple[str, ...]:
    """The words of a prompt that the built-in model does not know, each once, in order."""
    found = _words().findall(unicodedata.normalize("NFKC", prompt).lower())
    return tuple(dict.fromkeys(word for word in found if word not in known_words()))
