"""Which app answers which address."""

from django.urls import include, path

from chatserver import mailbox, views, work

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", work.metrics, name="metrics"),
    path("work/", work.work, name="work"),
    path("work/<uuid:task_id>/again", work.again, name="try_task_again"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<str:number>.html", mailbox.mail_as_html, name="mail_as_html"),
    path("", include("members.urls")),
    path("", include("moderation.urls")),
    path("", include("rooms.urls")),
    path("", include("moderation.slips.urls")),
    path("", include("moderation.holding_urls")),
    path("", include("notifications.urls")),
]

handler400 = "chatserver.views.bad_request"
handler403 = "chatserver.views.forbidden"
handler404 = "chatserver.views.not_found"
handler500 = "chatserver.views.server_error"
