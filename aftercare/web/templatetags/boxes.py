"""Block tags of the design system: boxes with something of yours inside. `{% load boxes %}`."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_block_tag
def card(content: SafeString, title: str = "", note: str = "", kind: str = "") -> SafeString:
    """A panel with a title and a note on its right; `kind` is "" or "flush" (a table edge to edge)."""
    head = ""
    if title:
        tail = format_html('<span class="card-note">{}</span>', note) if note else ""
        head = format_html('<header class="card-head"><h2 class="card-title">{}</h2>{}</header>', title, tail)
    return format_html(
        '<section class="card{}">{}<div class="card-body">{}</div></section>', kind_class(kind), head, content
    )


@register.simple_block_tag
def empty(content: SafeString, title: str, url: str = "", action: str = "") -> SafeString:
    """An empty state: what would be here, why it is not (the content), and one action."""
    button = format_html('<a class="button button-primary" href="{}">{}</a>', url, action) if url and action else ""
    return format_html(
        '<div class="empty"><h3 class="empty-title">{}</h3><div class="empty-text">{}</div>{}</div>',
        title,
        content,
        button,
    )


@register.simple_block_tag
def trouble(content: SafeString, title: str, url: str = "", action: str = "") -> SafeString:
    """An error state inside a page: what happened (title), what it means and what to do (content, action)."""
    button = format_html('<a class="button" href="{}">{}</a>', url, action) if url and action else ""
    return format_html(
        '<div class="trouble" role="alert"><h3 class="trouble-title">{}</h3><div class="trouble-text">{}</div>{}</div>',
        title,
        content,
        button,
    )


@register.simple_block_tag
def notice(content: SafeString, tone: str = "neutral") -> SafeString:
    """A strip that says something about the whole page; `tone` is a state's name."""
    return format_html('<div class="notice notice-{}">{}</div>', tone, content)


def kind_class(kind: str) -> str:
    """` card-flush` for `flush`."""
    return f" card-{kind}" if kind else ""
