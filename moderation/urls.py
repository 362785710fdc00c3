"""The addresses of moderation."""

from django.urls import path

from moderation.views import appeals, cases, guard, hiding, home, legal, many, moving, record, reporting, urgent

urlpatterns = [
    path("messages/<int:message_id>/report", reporting.report_message, name="report_message"),
    path("messages/<int:message_id>/hide", hiding.hide_message, name="hide_message"),
    path("messages/<int:message_id>/move", moving.move_message, name="move_message"),
    path("messages/<int:message_id>/why", record.why_hidden, name="why_hidden"),
    path("members/<int:member_id>/report", reporting.report_member, name="report_member"),
    path("rooms/<int:room_id>/report", reporting.report_room, name="report_room"),
    path("patient-data/", guard.patient_data, name="patient_data"),
    path("report/", reporting.report_from_outside, name="report"),
    path("decisions/<int:number>/", record.decision, name="decision"),
    path("decisions/<int:number>/appeal/", appeals.appeal, name="appeal"),
    path("appeals/by-letter/<str:token>/", appeals.appeal_by_letter, name="appeal_by_letter"),
    path("appeals/", appeals.panel, name="panel"),
    path("appeals/offer", appeals.offer, name="offer_to_hear"),
    path("appeals/<int:appeal_id>/", appeals.hear, name="hear_appeal"),
    path("appeals/<int:appeal_id>/decline", appeals.leave_seat, name="decline_seat"),
    path("you/decisions/", record.my_decisions, name="my_decisions"),
    path("record/", record.record, name="record"),
    path("moderation/", cases.queue, name="moderation"),
    path("moderation/legal-holds/", legal.legal_holds, name="legal_holds"),
    path("moderation/legal-holds/ask", legal.ask, name="ask_legal_hold"),
    path("moderation/legal-holds/<int:hold_id>/<slug:step>", legal.step, name="legal_hold_step"),
    path("moderation/figures/", home.figures, name="figures"),
    path("moderation/rota/", home.rota, name="rota"),
    path("moderation/cases/<int:case_id>/", cases.case, name="case"),
    path("moderation/cases/<int:case_id>/decide", cases.decide, name="decide_case"),
    path("moderation/cases/<int:case_id>/files/<int:attached_id>/", cases.case_file, name="case_file"),
    path("moderation/cases/<int:case_id>/<slug:step>", cases.step, name="case_step"),
    path("moderation/decisions/", record.decisions, name="decisions"),
    path("moderation/decisions/<int:number>/undo", record.undo, name="undo_decision"),
    path("moderation/members/<int:member_id>/", many.latest, name="latest_messages"),
    path("moderation/many/", many.choose, name="hide_many"),
    path("moderation/many/<int:many_id>/", many.many, name="hiding_many"),
    path("moderation/many/<int:many_id>/<slug:step>", many.step, name="many_step"),
    path("urgent/", urgent.urgent, name="urgent"),
]
