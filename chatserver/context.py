"""What every page knows of the community."""

from django.conf import settings
from django.http import HttpRequest

from members.community.facts import the_community


def community(request: HttpRequest) -> dict[str, object]:
    facts = the_community()
    return {"community": facts, "community_name": facts.name, "demo": settings.DEMO, "me": request.user}
