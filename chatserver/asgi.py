"""The ASGI application: pages to Django, the websocket through the origin check to rooms.consumers.

Plain ASGI: daphne serves it by default (chatserver/serve.py), uvicorn as well.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatserver.settings")

from django.core.asgi import get_asgi_application

pages = get_asgi_application()  # Before the imports below: it loads the apps that they need.

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.conf import settings
from django.urls import path

from chatserver.bodies import limited
from rooms.consumers import member_socket

live = URLRouter([path("live", member_socket)])  # type: ignore[arg-type,list-item]  # an ASGI application, not a view

application = ProtocolTypeRouter(
    {
        "http": limited(pages, settings.LARGEST_BODY),
        "websocket": AllowedHostsOriginValidator(live),
    }
)
