from django.urls import URLPattern, include, path

from members import list_views, views
from members.lists import ORGANISATIONS, PROFESSIONS, KeptList


def pages_of(kept: KeptList) -> list[URLPattern]:
    """The addresses at which a list is kept: `organisations`, `organisation`, `merge_organisation`, `retire_organisation`."""
    at, facts = f"{kept.many}/", {"kept": kept}
    return [
        path(at, list_views.whole_list, facts, name=kept.many),
        path(f"{at}<int:entry_id>/", list_views.entry, facts, name=kept.called),
        path(f"{at}<int:entry_id>/merge", list_views.merge, facts, name=kept.merge_address),
        path(f"{at}<int:entry_id>/retire", list_views.retire, facts, name=kept.retire_address),
    ]


urlpatterns = [
    path("", include("members.entrance.urls")),
    path("", include("members.community.urls")),
    path("", include("members.complaints.urls")),
    path("", include("members.invitations.urls")),
    path("you/", views.profile, name="profile"),
    path("you/photo", views.photo, name="change_photo"),
    path("you/still-here", views.still_here, name="still_here"),
    path("you/data/", views.my_data, name="my_data"),
    path("you/data/copies", views.copy_my_data, name="copy_my_data"),
    path("you/data/copies/<int:copy_id>/", views.take_copy, name="take_copy"),
    path("you/data/restrict", views.restrict_me, name="restrict_me"),
    path("you/data/erase", views.erase_me, name="erase_me"),
    path("you/data/keep", views.keep_me, name="keep_me"),
    *pages_of(ORGANISATIONS),
    path("organisations/<int:entry_id>/numbers", list_views.number_shapes, name="organisation_numbers"),
    *pages_of(PROFESSIONS),
]
