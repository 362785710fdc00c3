from django.urls import path

from notifications import digest_views, preference_views, push_views, views
from notifications.replies import webhooks

urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("stop/<str:link>/", views.stop, name="stop"),
    path("you/mail/", preference_views.preferences, name="preferences"),
    path("you/mail/again", preference_views.mail_again, name="mail_again"),
    path("service-worker.js", push_views.service_worker, name="service_worker"),
    path("you/push/", push_views.push_on, name="push_on"),
    path("you/push/renew", push_views.push_renew, name="push_renew"),
    path("you/push/<int:device_id>/off", push_views.push_off, name="push_off"),
    path("you/push/<int:device_id>/try", push_views.push_try, name="push_try"),
    path("rooms/<int:room_id>/level", preference_views.room_level, name="room_level"),
    path("you/digest/", digest_views.digest_preview, name="digest_preview"),
    path("you/digest/mail", digest_views.digest_as_mail, name="digest_as_mail"),
    path("mail/", digest_views.mail_watch, name="mail_watch"),
    path("mail/digests/<int:digest_id>/again", digest_views.resend_digest, name="resend_digest"),
    path("mail/anymail/<str:provider>/inbound/", webhooks.inbound, name="mail_inbound"),
    path("mail/anymail/<str:provider>/tracking/", webhooks.tracking, name="mail_tracking"),
]
