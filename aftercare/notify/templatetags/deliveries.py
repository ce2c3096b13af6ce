"""How deliveries are shown: `{% load deliveries %}`."""

from django import template

from aftercare.notify.outcome import in_readers_words

register = template.Library()
register.filter("in_readers_words", in_readers_words)
