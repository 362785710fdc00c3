from django.urls import path

from members.invitations import views

urlpatterns = [
    path("join/", views.ask, name="ask_community"),
    path("join/<int:request_id>/answer", views.answer, name="answer_newcomer"),
]
