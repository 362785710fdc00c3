from django.urls import path

from rooms import live_views
from rooms.views import groups, memberships, messages, rooms

urlpatterns = [
    path("", groups.home, name="home"),
    path("sidebar/", groups.sidebar, name="sidebar"),
    path("groups/", groups.groups, name="groups"),
    path("groups/<int:group_id>/", groups.group, name="group"),
    path("groups/<int:group_id>/change", groups.change, name="change_group"),
    path("groups/<int:group_id>/join", groups.join, name="join_group"),
    path("groups/<int:group_id>/leave", groups.leave, name="leave_group"),
    path("groups/<int:group_id>/rooms", groups.new_room, name="open_room"),
    path("groups/<int:group_id>/ask", memberships.ask, name="ask_to_join"),
    path("groups/<int:group_id>/members/", memberships.members, name="group_members"),
    path("groups/<int:group_id>/members/add", memberships.add, name="add_member"),
    path("groups/<int:group_id>/members/<int:member_id>/remove", memberships.remove, name="remove_member"),
    path("groups/<int:group_id>/members/<int:member_id>/lead", memberships.lead, name="lead_group"),
    path("join-requests/<int:request_id>/answer", memberships.answer, name="answer_request"),
    path("rooms/<int:room_id>/", rooms.room, name="room"),
    path("rooms/<int:room_id>/messages", messages.post, name="post_message"),
    path("rooms/<int:room_id>/read", rooms.read, name="read_room"),
    path("rooms/<int:room_id>/members/", rooms.members, name="room_members"),
    path("rooms/<int:room_id>/about/", rooms.about, name="room_about"),
    path("rooms/<int:room_id>/pinned/", rooms.pinned, name="room_pinned"),
    path("rooms/<int:room_id>/change", rooms.change, name="change_room"),
    path("rooms/<int:room_id>/lock", rooms.lock, name="lock_room"),
    path("rooms/<int:room_id>/archive", rooms.archive, name="archive_room"),
    path("rooms/<int:room_id>/names", rooms.names, name="names"),
    path("messages/<int:message_id>/", messages.message, name="message"),
    path("messages/<int:message_id>/edit", messages.edit, name="edit_message"),
    path("messages/<int:message_id>/remove", messages.remove, name="remove_message"),
    path("messages/<int:message_id>/history/", messages.history, name="message_history"),
    path("messages/<int:message_id>/pin", messages.pin, name="pin_message"),
    path("messages/<int:message_id>/react", messages.react, name="react"),
    path("live/command", live_views.command, name="live_command"),
    path("live/changes", live_views.changes, name="live_changes"),
]
