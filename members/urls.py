from django.urls import include, path

from members import views

urlpatterns = [
    path("", include("members.entrance.urls")),
    path("you/", views.profile, name="profile"),
]
