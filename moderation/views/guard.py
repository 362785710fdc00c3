"""Pages about what is watched for, and how."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def patient_data(request: HttpRequest) -> HttpResponse:
    """What the guard can catch and what it cannot, in plain words; for whoever is asked to keep to it."""
    return render(request, "moderation/patient_data.html")
