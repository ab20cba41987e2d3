"""The built-in model's tokenizer: one token a known word, in either language.

With whole words a small text encoder has nothing to spell: the embedding of "cat" is the cat. A
word outside the vocabulary becomes `[UNK]` and harms no neighbour, also in Chinese, which is split
at known words, longest first.
"""

import regex
from tokenizers import Regex, Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import NFKC, Lowercase
from tokenizers.normalizers import Sequence as Normalizers
from tokenizers.pre_tokenizers import Punctuation, Split, WhitespaceSplit
from tokenizers.pre_tokenizers import Sequence as PreTokenizers
from tokenizers.processors import TemplateProcessing
from transformers import PreTrainedTokenizerFast

from inference.vocabulary import CHINESE_FILLERS, COLOURS, ENGLISH_FILLERS, MOTIONS, THINGS

PADDING, END, UNKNOWN = "[PAD]", "[EOS]", "[UNK]"
LONGEST = 128


def words() -> list[str]:
    """Every word the tokenizer knows, in the order of its tokens."""
    meanings = (*THINGS, *MOTIONS, *COLOURS)
    english = [word for meaning in meanings for word in meaning.english]
    chinese = [word for meaning in meanings for word in meaning.chinese]
    return list(dict.fromkeys([*english, *ENGLISH_FILLERS, *chinese, *CHINESE_FILLERS]))


def build_tokenizer() -> PreTrainedTokenizerFast:
    """A fast tokenizer that `save_pretrained` writes as one tokenizer.json."""
    known = words()
    vocabulary = {word: number for number, word in enumerate([PADDING, END, UNKNOWN, *known])}
    chinese = sorted((word for word in known if not word.isascii()), key=len, reverse=True)
    pattern = "|".join(regex.escape(word) for word in chinese) + r"|\p{Han}"
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.normalizer = Normalizers([NFKC(), Lowercase()])
    tokenizer.pre_tokenizer = PreTokenizers(
        [WhitespaceSplit(), Split(Regex(pattern), "isolated"), Punctuation("removed")]
    )
    tokenizer.post_processor = TemplateProcessing(
        single=f"$A {END}", special_tokens=[(END, vocabulary[END])]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PADDING,
        eos_token=END,
        unk_token=UNKNOWN,
        model_max_length=LONGEST,
    )
