from django.urls import path

from members.complaints import views

urlpatterns = [
    path("complaint/", views.complaint, name="complaint"),
    path("complaint/<slug:ticket>/", views.received, name="complaint_received"),
    path("complaints/", views.complaints, name="complaints"),
    path("complaints/<int:complaint_id>/answer", views.answer, name="answer_complaint"),
]
