"""The addresses of frontend/addresses.py, in templates."""

from django import template

from frontend.addresses import path_to

register = template.Library()

register.simple_tag(path_to, name="address")
