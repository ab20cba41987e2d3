"""The built-in model's tokenizer: one token a known word or phrase, in either language.

With whole words a small text encoder has nothing to spell. A word outside the vocabulary becomes
`[UNK]` and harms no neighbour, also in Chinese, which is split at known words, longest first.
"""

from tokenizers import Regex, Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import NFKC, Lowercase, Replace
from tokenizers.normalizers import Sequence as Normalizers
from tokenizers.pre_tokenizers import Split
from tokenizers.processors import TemplateProcessing
from transformers import PreTrainedTokenizerFast

from inference.prompt_words import SPACES, VARIATIONS, split_pattern
from inference.vocabulary import Meaning, Thing, meanings_of_words

PADDING, END, UNKNOWN = "[PAD]", "[EOS]", "[UNK]"
SPECIAL = (PADDING, END, UNKNOWN)
LONGEST = 128


def build_tokenizer() -> PreTrainedTokenizerFast:
    """A fast tokenizer that `save_pretrained` writes as one tokenizer.json."""
    vocabulary = {word: number for number, word in enumerate([*SPECIAL, *meanings_of_words()])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.normalizer = Normalizers(
        [
            NFKC(),
            Lowercase(),
            Replace("\u2019", "'"),
            Replace(Regex(VARIATIONS), ""),
            Replace(Regex(SPACES), " "),
        ]
    )
    tokenizer.pre_tokenizer = Split(Regex(split_pattern()), "removed", invert=True)
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


def embedding_rows() -> tuple[list[tuple[int, int]], int]:
    """For each token the two rows of the embedding that are added up, and how many rows there are.

    All words for one meaning share a row, so that what is learned of one is known of all; the
    plural of a thing adds a second row. Row 0 stays zero.
    """
    plural = 1
    rows: dict[int | str, int] = {}

    def row(key: int | str) -> int:
        return rows.setdefault(key, len(rows) + plural + 1)

    pairs = [(row(word), 0) for word in SPECIAL]
    for word, meaning in meanings_of_words().items():
        several = isinstance(meaning, Thing) and word in meaning.plurals
        key = id(meaning) if isinstance(meaning, Meaning) else word
        pairs.append((row(key), plural if several else 0))
    return pairs, len(rows) + plural + 1


def tokens_of_things() -> list[int]:
    """For each token whether it names a thing, 1 or 0."""
    meanings = meanings_of_words().values()
    return [0] * len(SPECIAL) + [int(isinstance(meaning, Thing)) for meaning in meanings]
