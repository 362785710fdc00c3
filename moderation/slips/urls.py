from django.urls import path

from moderation.slips import views

urlpatterns = [
    path("messages/<int:message_id>/patient", views.flag, name="flag_patient"),
    path("patient-slips/", views.slips, name="slips"),
    path("patient-slips/<int:slip_id>/", views.slip, name="slip"),
    path("patient-slips/<int:slip_id>/look", views.look, name="look_at_slip"),
    path("patient-slips/<int:slip_id>/files/<int:place>/", views.file, name="slip_file"),
    path("patient-slips/<int:slip_id>/restore", views.restore, name="restore_slip"),
    path("patient-slips/<int:slip_id>/purge", views.purge, name="purge_slip"),
    path("patient-slips/<int:slip_id>/outcome", views.outcome, name="slip_outcome"),
    path("patient-slips/<int:slip_id>/receipt/", views.receipt, name="slip_receipt"),
    path("patient-slips/<int:slip_id>/receipt.txt", views.receipt_as_text, name="slip_receipt_text"),
]
