from django.urls import include, path

from members import views

urlpatterns = [
    path("", include("members.entrance.urls")),
    path("you/", views.profile, name="profile"),
    path("you/data/", views.my_data, name="my_data"),
    path("you/data/copies", views.copy_my_data, name="copy_my_data"),
    path("you/data/copies/<int:copy_id>/", views.take_copy, name="take_copy"),
    path("you/data/erase", views.erase_me, name="erase_me"),
    path("you/data/keep", views.keep_me, name="keep_me"),
]
