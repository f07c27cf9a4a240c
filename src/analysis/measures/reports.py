"""Environmental words in government work reports.

The list is that of Chen Shiyi and Chen Dengke (2018), *Economic Research Journal* 53(2), 20-34, as
the literature quotes it; their list ends in "and so on", and the short form of "environmental
protection" is added as others do.
"""

import re
import unicodedata
from collections import Counter

WORDS = (
    "环境保护", "环保", "污染", "能耗", "减排", "排污", "生态", "绿色", "低碳", "空气",
    "化学需氧量", "二氧化硫", "二氧化碳", "PM10", "PM2.5",
)  # fmt: skip
VARIANTS = {"COD": "化学需氧量", "SO2": "二氧化硫", "CO2": "二氧化碳"}
"""Abbreviations that some reports use, counted as the word they stand for when asked."""

_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def normalise(text: str) -> str:
    """Bring full-width and subscript characters, and full stops inside "PM2.5", to one form.

    Examples
    --------
    >>> normalise("ＰＭ２．５")
    'PM2.5'
    """
    flat = unicodedata.normalize("NFKC", text)
    return re.sub(r"PM2[.．·。]5", "PM2.5", flat, flags=re.IGNORECASE)


def count_words(text: str, words: tuple[str, ...] = WORDS, variants: bool = False) -> Counter[str]:
    """Count each word of a list, the longest match first and no character twice.

    Parameters
    ----------
    text : str
        The whole report.
    words : tuple of str
    variants : bool
        Count abbreviations (:data:`VARIANTS`) as the word they stand for.

    Returns
    -------
    Counter

    Examples
    --------
    >>> sorted(count_words("环境保护与环保，PM２.５和SO2", variants=True).items())
    [('PM2.5', 1), ('二氧化硫', 1), ('环保', 1), ('环境保护', 1)]
    """
    meaning = {normalise(word).upper(): word for word in words}
    if variants:
        meaning |= {short: word for short, word in VARIANTS.items() if word in words}
    longest_first = sorted(meaning, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    return Counter(meaning[found] for found in pattern.findall(normalise(text).upper()))


def chinese_characters(text: str) -> int:
    """Count the Chinese characters of a text."""
    return len(_CHINESE.findall(text))
