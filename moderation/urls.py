"""The addresses of moderation."""

from django.urls import path

from moderation.views import guard

urlpatterns = [
    path("patient-data/", guard.patient_data, name="patient_data"),
]
