from django.urls import path

from moderation.views import holding, words

urlpatterns = [
    path("moderation/waiting/", holding.waiting, name="waiting"),
    path("moderation/waiting/decline-all", holding.decline_all, name="decline_all_held"),
    path("moderation/waiting/<int:held_id>/let-through", holding.let_through, name="let_through"),
    path("moderation/waiting/<int:held_id>/decline", holding.decline, name="decline_held"),
    path("moderation/words/", words.words, name="words"),
    path("moderation/words/<int:word_id>/remove", words.remove_word, name="remove_word"),
    path("moderation/hold", holding.hold_community, name="hold_community"),
    path("moderation/members/<int:member_id>/hold", holding.hold_member, name="hold_member"),
    path("rooms/<int:room_id>/hold", holding.hold_room, name="hold_room"),
    path("rooms/<int:room_id>/pace", holding.pace, name="room_pace"),
]
