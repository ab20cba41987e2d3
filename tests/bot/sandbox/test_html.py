"""HTML as Telegram reads it. The cases follow tdlib's own tests of parse_html."""

import pytest

from bot.sandbox.errors import BotApiError
from bot.sandbox.html import parse_html


@pytest.mark.parametrize(
    ("html", "text", "entities"),
    [
        ("", "", []),
        ("plain & simple", "plain & simple", []),
        ("&lt;b&gt; &amp;amp; &quot;", '<b> &amp; "', []),
        ("&nbsp; &unknown; &#0; &#x110000;", "&nbsp; &unknown; &#0; &#x110000;", []),
        ("&#65;&#x42;&#67", "ABC", []),
        ("&ltb", "&ltb", []),
        ("<b>x</b>", "x", [("bold", 0, 1)]),
        ("<B>x</B>", "x", [("bold", 0, 1)]),
        ("<strong>x</strong>", "x", [("bold", 0, 1)]),
        ("<i>x</i><em>y</em>", "xy", [("italic", 0, 1), ("italic", 1, 1)]),
        ("<u>x</u><ins>y</ins>", "xy", [("underline", 0, 1), ("underline", 1, 1)]),
        ("<s>x</s><del>y</del>", "xy", [("strikethrough", 0, 1), ("strikethrough", 1, 1)]),
        ("<tg-spoiler>x</tg-spoiler>", "x", [("spoiler", 0, 1)]),
        ('<span class="tg-spoiler">x</span>', "x", [("spoiler", 0, 1)]),
        ("<b>🐈 <i>a</i></b>", "🐈 a", [("bold", 0, 4), ("italic", 3, 1)]),
        ("小<b>波</b>", "小波", [("bold", 1, 1)]),
        ("<b></b>x", "x", []),
        ("<b>x</>", "x", [("bold", 0, 1)]),
        ("<code>&lt;x&gt;</code>", "<x>", [("code", 0, 3)]),
        ("<blockquote>x</blockquote>", "x", [("blockquote", 0, 1)]),
        ("<blockquote expandable>x</blockquote>", "x", [("expandable_blockquote", 0, 1)]),
        ("<a>not a link</a>", "not a link", []),
        ('<a href="nonsense">x</a>', "x", []),
    ],
)
def test_html_becomes_text_and_entities(
    html: str, text: str, entities: list[tuple[str, int, int]]
) -> None:
    plain, found = parse_html(html)
    assert plain == text
    assert [(one["type"], one["offset"], one["length"]) for one in found] == entities


def test_a_link_keeps_its_address() -> None:
    _, (link,) = parse_html('<a href="https://example.org/?a=1&amp;b=2">x</a>')
    assert link["url"] == "https://example.org/?a=1&b=2"
    _, (link,) = parse_html("<a href='example.org'>x</a>")
    assert link["url"] == "http://example.org/"
    _, (link,) = parse_html("<a>example.org</a>")
    assert link["url"] == "http://example.org/"


def test_a_link_to_a_person_is_a_mention() -> None:
    _, (mention,) = parse_html('<a href="tg://user?id=1001">Ada</a>')
    assert (mention["type"], mention["user_id"]) == ("text_mention", 1001)


def test_a_link_to_a_stranger_is_no_mention() -> None:
    _, (link,) = parse_html('<a href="tg://user?id=5">Eve</a>')
    assert link["type"] == "text_link"


def test_code_in_pre_names_its_language() -> None:
    _, (pre,) = parse_html('<pre><code class="language-python">x</code></pre>')
    assert (pre["type"], pre["language"]) == ("pre", "python")
    _, (pre,) = parse_html('<code class="language-python"><pre>x</pre></code>')
    assert (pre["type"], pre["language"]) == ("pre", "python")
    _, (code,) = parse_html('<code class="language-python">x</code>')
    assert code == {"type": "code", "offset": 0, "length": 1}


def test_a_custom_emoji_keeps_its_number() -> None:
    _, (emoji,) = parse_html('<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>')
    assert emoji["type"] == "custom_emoji"
    assert emoji["length"] == 2
    assert emoji["custom_emoji_id"] == "5368324170671202286"


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("5 < 6", 'Unsupported start tag "" at byte offset 2'),
        ("a <3", "Unclosed start tag at byte offset 2"),
        ("小 <div>x</div>", 'Unsupported start tag "div" at byte offset 4'),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b ", "Unclosed start tag at byte offset 0"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        (
            "<b bold>x</b>",
            'Expected equal sign in declaration of an attribute of the tag "b" at byte offset 0',
        ),
        ('<b ="x">x</b>', 'Empty attribute name in the tag "b" at byte offset 0'),
        ("<a href=x:y>x</a>", "Unexpected end of name token at byte offset 8"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<tg-emoji>👍</tg-emoji>", "Invalid custom emoji identifier specified"),
        (
            "&#xd800;",
            (
                "Text contains invalid Unicode characters after decoding HTML entities, "
                "check for unmatched surrogate code units"
            ),
        ),
    ],
)
def test_html_that_telegram_refuses_is_refused_in_its_words(html: str, reason: str) -> None:
    with pytest.raises(BotApiError) as refusal:
        parse_html(html)
    assert refusal.value.description == f"Bad Request: can't parse entities: {reason}"
