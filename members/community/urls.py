from django.urls import path

from members.community import views

urlpatterns = [
    path("welcome/", views.welcome, name="welcome"),
    path("community/", views.community, name="community"),
    path("rules/", views.rules, name="rules"),
    path("look-<slug:version>.css", views.look, name="look"),
    path("logo-<slug:version>.webp", views.logo, name="logo"),
]
