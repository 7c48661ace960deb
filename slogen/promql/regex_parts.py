"""
The smallest pieces of a regular expression in RE2 syntax: characters, their escape sequences, and sets of them.

Source: https://github.com/golang/go/blob/go1.19/src/regexp/syntax/parse.go, and the tables of its package unicode
"""

import re
from typing import Final

from slogen.promql.strings import shown

SET: Final = r"\\[dDsSwW]|\\[pP](?:[CLMNPSZ]|\{\^?\w+\})"
ESCAPE: Final = (
    r"\\(?:[1-7][0-7]{1,2}|0[0-7]{0,2}|x[0-9A-Fa-f]{2}|x\{[0-9A-Fa-f]+\}|[afnrtv]|[^0-9A-Za-z\x80-\U0010ffff])"
)

_CATEGORIES = """
C Cc Cf Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs Any
"""
_SCRIPTS = """
Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Bhaiksuki Bopomofo
Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee Chorasmian Common
Coptic Cuneiform Cypriot Cyrillic Deseret Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs Elbasan Elymaic
Ethiopic Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi Gurmukhi Han Hangul Hanifi_Rohingya Hanunoo
Hatran Hebrew Hiragana Imperial_Aramaic Inherited Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada
Katakana Kayah_Li Kharoshthi Khitan_Small_Script Khmer Khojki Khudawadi Lao Latin Lepcha Limbu Linear_A Linear_B Lisu
Lycian Lydian Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek
Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean Nandinagari
New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Old_Hungarian Old_Italic Old_North_Arabian Old_Permic
Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic Oriya Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa
Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham SignWriting Sinhala Sogdian
Sora_Sompeng Soyombo Sundanese Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangut Telugu
Thaana Thai Tibetan Tifinagh Tirhuta Ugaritic Vai Wancho Warang_Citi Yezidi Yi Zanabazar_Square
"""
_NAMES = frozenset((*_CATEGORIES.split(), *_SCRIPTS.split()))
_POSIX = "alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit"
_POSIX_NAMES = frozenset(_POSIX.split())

_CLASS_SET = re.compile(SET, re.ASCII)
_CLASS_CHAR = re.compile(rf"[^\\]|{ESCAPE}", re.DOTALL)
_NAMED_ESCAPES = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}


class FlawedError(Exception):
    """
    Why Prometheus does not take a regular expression.

    Attributes:
        offset: in characters, from the start of the expression.
    """

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset
        self.message = message


def code(char: str, offset: int) -> int:
    """
    The code point that the character or the escape sequence *char*, at *offset*, stands for; 0 for a set of them.

    Raises:
        FlawedError: there is no such character or set.
    """
    if char[0] != "\\":
        return ord(char)
    letter = char[1]
    if letter in "01234567":
        return int(char[1:], 8)
    if letter == "x":
        digits = char[2:].strip("{}").lstrip("0") or "0"
        if len(digits) > len("10FFFF") or int(digits, 16) > 0x10FFFF:  # noqa: PLR2004
            raise FlawedError(offset, f"{shown(char)} is beyond the last character, \\x{{10FFFF}}")
        return int(digits, 16)
    if letter in "pP" and char[2] == "{" and char[3:-1].removeprefix("^") not in _NAMES:
        raise FlawedError(offset, f"{shown(char)} is no set of characters; write one like \\p{{Greek}} or \\pL")
    return _NAMED_ESCAPES.get(letter, 0 if letter.isalnum() else ord(letter))


def class_end(pattern: str, start: int) -> int:
    """
    Where the class that opens at *start* ends.

    Raises:
        FlawedError: it does not, or holds what no class holds.
    """
    position = start + 2 if pattern.startswith("[^", start) else start + 1
    first = position
    while position == first or not pattern.startswith("]", position):
        if position >= len(pattern):
            raise FlawedError(start, "'[' is never closed; close it, or write \\[ for the character")
        if pattern.startswith("[:", position) and (end := pattern.find(":]", position + 2)) >= 0:
            if pattern[position + 2 : end].removeprefix("^") not in _POSIX_NAMES:
                message = f"{shown(pattern[position : end + 2])} is no class of characters; write one like [:alpha:]"
                raise FlawedError(position, message)
            position = end + 2
        elif known := _CLASS_SET.match(pattern, position):
            code(known[0], position)
            position = known.end()
        else:
            position = _range_end(pattern, position)
    return position + 1


def _range_end(pattern: str, position: int) -> int:
    low = _class_char(pattern, position)
    dash = low.end()
    if not pattern.startswith("-", dash) or pattern.startswith("]", dash + 1) or dash + 1 == len(pattern):
        return dash
    high = _class_char(pattern, dash + 1)
    if code(high[0], high.start()) < code(low[0], position):
        raise FlawedError(position, f"the range '{low[0]}-{high[0]}' runs backwards; swap its ends")
    return high.end()


def _class_char(pattern: str, position: int) -> re.Match[str]:
    char = _CLASS_CHAR.match(pattern, position)
    if char is None:
        raise unknown(pattern, position)
    code(char[0], position)
    return char


def unknown(pattern: str, offset: int) -> FlawedError:
    """Why what stands at *offset* is no part of a regular expression."""
    text = pattern[offset : offset + 2]
    if text == "\\":
        message = "a regular expression cannot end in a single backslash; write two of them for the character"
    elif text == "\\Q":
        message = "'\\Q' is never closed; end what is quoted with \\E"
    elif text[0] == "\\":
        message = f"'{text}' is no escape sequence of RE2; write '{text[1:]}' for the character itself"
    elif re.match(r"\(\?<?[=!]", pattern[offset:]):
        message = "Prometheus has no lookahead or lookbehind; write two matchers, one with =~ and one with !~"
    elif re.match(r"\(\?(?:<|P[<>=])", pattern[offset:]):
        message = "a matcher has no use for a named group; write (...)"
    else:
        message = f"{shown(pattern[offset : offset + 3])} is no group of RE2; write (...) or (?:...)"
    return FlawedError(offset, message)
