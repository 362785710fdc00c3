"""Which app answers which address."""

from django.urls import include, path

from chatserver import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("", include("members.urls")),
    path("", include("rooms.urls")),
    path("", include("notifications.urls")),
]

handler400 = "chatserver.views.bad_request"
handler403 = "chatserver.views.forbidden"
handler404 = "chatserver.views.not_found"
handler500 = "chatserver.views.server_error"
