from django.urls import path

from moderation import appeal_views

urlpatterns = [
    path("decisions/<int:number>/appeal/", appeal_views.appeal, name="appeal"),
    path("appeals/by-letter/<str:token>/", appeal_views.appeal_by_letter, name="appeal_by_letter"),
    path("appeals/", appeal_views.panel, name="panel"),
    path("appeals/offer", appeal_views.offer, name="offer_to_hear"),
    path("appeals/<int:appeal_id>/", appeal_views.hear, name="hear_appeal"),
    path("appeals/<int:appeal_id>/decline", appeal_views.leave_seat, name="decline_seat"),
]
