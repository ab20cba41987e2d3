"""What has sentences in one language."""

from bot.languages import Language


class Speaker:
    """Sentences in one language."""

    def __init__(self, language: str) -> None:
        self.language = Language(language)
        self._ = self.language.say

    def cost(self, tenths: int) -> str:
        """Tenths of a credit in words: 1 credit, 0.3 credits."""
        whole, rest = divmod(tenths, 10)
        return self.language.say_many(
            "{credits} credit",
            "{credits} credits",
            0 if rest else whole,  # gettext counts whole things: 0.3 credits go as 0 credits do
            credits=self.language.credits(tenths),
        )

    def sentences(self, *said: str) -> str:
        """Sentences in a row, "" for none; between Chinese ones stands no space."""
        spoken = [sentence for sentence in said if sentence]
        text = spoken[0] if spoken else ""
        for sentence in spoken[1:]:
            text = self._("{before} {after}", before=text, after=sentence)
        return text
