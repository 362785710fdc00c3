"""The addresses of moderation."""

from django.urls import path

from moderation import urgent_views, views

urlpatterns = [
    path("patient-data/", views.patient_data, name="patient_data"),
    path("urgent/", urgent_views.urgent, name="urgent"),
]
