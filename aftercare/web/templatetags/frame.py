"""Tags that only the frame's own templates use."""

from django import template
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils.html import strip_tags

register = template.Library()


@register.simple_tag(takes_context=True)
def title_text(context: template.Context) -> str:
    """The page's `title` block as plain text, so that a page says its title once for heading and browser tab."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block("title") if blocks else None
    return " ".join(strip_tags(block.render(context)).split()) if block else ""
