"""What people read about pictures that a clip shall start from."""

from collections.abc import Sequence

from bot.replies.speaker import Speaker
from inference.pictures import MOST_BYTES, MOST_PIXELS
from inference.values import PictureFault


class PictureReplies(Speaker):
    """Answers to pictures."""

    def how_to(self) -> str:
        """A picture came without words."""
        return self._(
            "A clip can start from this picture: reply to it with the prompt, or send it again "
            "with the prompt as its caption."
        )

    def words_only(self, model: str, others: Sequence[str] = ()) -> str:
        """The model starts from no picture. others: names of those that do."""
        if others:
            return self._(
                "{model} makes clips from words alone, not from a picture; --model {others} starts "
                "from one. Nothing was charged.",
                model=model,
                others=self._(", ").join(others),
            )
        return self._(
            "{model} makes clips from words alone, not from a picture. Nothing was charged.",
            model=model,
        )

    def rejected(self, fault: PictureFault) -> str:
        """What is wrong with a picture, and what is allowed."""
        number = self.language.number
        sentences = {
            PictureFault.NO_PICTURE: self._("I can start from JPEG, PNG and WebP pictures only."),
            PictureFault.BROKEN: self._("This picture is broken or cut off."),
            PictureFault.TOO_LARGE: self._(
                "This file is too large; a picture has at most {most} MB.",
                most=number(MOST_BYTES // 2**20),
            ),
            PictureFault.TOO_MANY_PIXELS: self._(
                "This picture has too many pixels; at most {most} million are allowed.",
                most=number(MOST_PIXELS // 10**6),
            ),
        }
        return self._("{reason} Nothing was charged.", reason=sentences[fault])

    def not_fetched(self) -> str:
        """Telegram does not hand the picture out."""
        return self._(
            "Telegram does not let me have this picture now. Nothing was charged; please send it "
            "again."
        )
