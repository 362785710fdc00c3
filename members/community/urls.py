from django.urls import path

from members.community import rules_views, views

urlpatterns = [
    path("welcome/", views.welcome, name="welcome"),
    path("community/", views.community, name="community"),
    path("rules/", rules_views.rules, name="rules"),
    path("rules/<int:number>/", rules_views.version, name="rules_version"),
    path("rules/read", rules_views.read, name="rules_read"),
    path("rules/propose/", rules_views.propose, name="propose_rules"),
    path("rules/proposals/<int:proposal_id>/", rules_views.proposal, name="rules_proposal"),
    path("rules/proposals/<int:proposal_id>/stance", rules_views.stance, name="take_stance"),
    path("rules/proposals/<int:proposal_id>/answer", rules_views.answer, name="answer_proposal"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("look-<slug:version>.css", views.look, name="look"),
    path("logo-<slug:version>.webp", views.logo, name="logo"),
]
