"""What has sentences in one language."""

from bot.languages import Language


class Speaker:
    """Sentences in one language."""

    def __init__(self, language: str) -> None:
        self.language = Language(language)
        self._ = self.language.say
