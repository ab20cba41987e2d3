"""How characters sound, for those that write se in place of 色. Standard library only."""

from collections.abc import Mapping

# Of the characters of the shipped list, but for 爱: 做AI is no disguise.
_SOUNDS = """
    ba巴 bu不 cheng成 cui粹 dang荡蕩 dao道 du肚 er儿兒 gang肛 gua挂掛 gui鬼 hei黑 huang黄黃
    hui秽穢 ji鸡雞 jian奸姦 jiao交 jie解 jing精茎莖 kai开開 kou口 le勒 li莉 lian恋戀 luan乱亂娈孌
    lun伦倫轮輪
    luo裸萝蘿 na那纳納 nan男 nian年 nu女 nue虐 nv女 pi癖 pian片 pin频頻 po破 qiang强強 qing情 quan全
    ren人 se色 sha杀殺 she射 shi视視尸屍 shou手首 si丝絲 sui碎岁歲 tang膛 te特 ti体體 tong童 tuo脱脫
    wan万萬 wei慰未 wu舞 xi希 xing性腥 xue血 yi一衣 yin淫阴陰 ying影 you幼 zhan斩斬 zhao照 zhi支肢
    zi自 zuo做
"""


def _by_character() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in _SOUNDS.split():
        sound = "".join(filter(str.isascii, line))
        for character in line.removeprefix(sound):
            found[character] = (*found.get(character, ()), sound)
    return found


SOUNDS = _by_character()
LENGTHS = sorted({len(sound) for sounds in SOUNDS.values() for sound in sounds})
