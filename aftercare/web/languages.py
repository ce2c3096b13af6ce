"""Text that is stored is stored in both languages."""

from collections.abc import Callable

from django.utils import translation


def in_both(sentence: Callable[[], str]) -> tuple[str, str]:
    """The sentence in English and in Chinese, for text that is stored."""
    with translation.override("en"):
        english = sentence()
    with translation.override("zh-hans"):
        return english, sentence()
