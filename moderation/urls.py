"""The addresses of moderation."""

from django.urls import path

from moderation import views

urlpatterns = [
    path("patient-data/", views.patient_data, name="patient_data"),
]
