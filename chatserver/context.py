"""What every page knows of the community."""

from django.conf import settings
from django.http import HttpRequest


def community(request: HttpRequest) -> dict[str, object]:
    return {"community_name": settings.COMMUNITY_NAME, "demo": settings.DEMO, "me": request.user}
