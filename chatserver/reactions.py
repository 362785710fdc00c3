"""Who reacts to what: this table is to events what urls.py is to requests.

RECORD runs inside the transaction (database only; an error undoes everything).
TELL runs after the commit (sockets and workers; a failure is logged and harms nothing).
"""

from events import catalogue as on
from events.publish import Reactions
from members.community.facts import forget
from members.live import close_session
from moderation.demonstration import bring_cases
from moderation.live import show_queue, show_waiting
from moderation.record import write_down, write_down_many
from moderation.slips.settling import note_restored
from moderation.words import forget as forget_words
from notifications.actions import (
    record_notices,
    record_unread_mentions,
    see_what_was_read,
    settle_notices,
    settle_notices_of_many,
    withdraw_notices,
)
from notifications.live import show_unseen
from notifications.of_community import (
    settle_complaint,
    tell_members_of_proposal,
    tell_of_complaint,
    tell_that_it_is_due,
)
from notifications.of_groups import (
    settle_newcomer,
    settle_request,
    tell_leaders_who_asks,
    tell_members_of_retention,
    tell_moderators_who_asks,
    tell_who_leads,
    tell_who_was_added,
)
from notifications.of_moderation import (
    tell_moderators,
    tell_panel,
    tell_reporters,
    tell_whom_it_concerns,
    write_to_moderators_at_once,
)
from notifications.of_slips import settle_guardians, stop_reminding, tell_guardians, tell_time_runs
from notifications.preferences import recount_next_digest
from notifications.push.devices import forget_device_of_session
from notifications.push.urgent import tell_moderators_devices
from rooms.actions.files import remove_discarded
from rooms.actions.invitations import begin_promised_places
from rooms.actions.leaving import end_memberships
from rooms.live import (
    let_in,
    move_reading,
    open_history,
    redraw_message,
    redraw_messages,
    show_held_answer,
    show_message,
    show_room,
    turn_away,
)

REACTIONS = {
    #                                    RECORD                      TELL
    on.MessagePosted:    Reactions((record_notices,),   (show_message,)),
    on.HeldPostsAnswered: Reactions((),                 (show_held_answer,)),
    on.WaitingChanged:   Reactions((),                  (show_waiting,)),
    on.MessageEdited:    Reactions((record_notices,),   (redraw_message,)),
    on.MessageRemoved:   Reactions((withdraw_notices,), (redraw_message,)),
    on.MessageHidden:    Reactions((settle_notices,),   (redraw_message,)),
    on.MessageRestored:  Reactions((settle_notices, note_restored), (redraw_message,)),
    on.MessageMoved:     Reactions((),                  (redraw_message,)),
    on.MessagesChanged:  Reactions((settle_notices_of_many,), (redraw_messages,)),
    on.QuoteChanged:     Reactions((),                  (redraw_message,)),
    on.MessagePinned:    Reactions((),                  (redraw_message,)),
    on.ReactionSet:      Reactions((),                  (redraw_message,)),
    on.NameErased:       Reactions((),                  (redraw_message,)),
    on.FilesDiscarded:   Reactions((),                  (remove_discarded,)),
    on.RoomOpened:       Reactions((),                  ()),
    on.RoomChanged:      Reactions((),                  (show_room,)),
    on.RetentionSet:     Reactions((tell_members_of_retention,), ()),
    on.RoomRead:         Reactions((see_what_was_read,), (move_reading,)),
    on.MembershipBegan:  Reactions((),                  (let_in,)),
    on.MembershipEnded:  Reactions((),                  (turn_away,)),
    on.HistoryOpened:    Reactions((),                  (open_history,)),
    on.JoinRequested:    Reactions((tell_leaders_who_asks,), ()),
    on.JoinRequestAnswered: Reactions((settle_request,), ()),
    on.CommunityRequested: Reactions((tell_moderators_who_asks,), ()),
    on.CommunityRequestAnswered: Reactions((settle_newcomer,), ()),
    on.MemberAdded:      Reactions((tell_who_was_added,), ()),
    on.LeaderNamed:      Reactions((tell_who_leads,),   ()),
    on.MemberLeft:       Reactions((end_memberships,),  ()),
    on.ClockChanged:     Reactions((recount_next_digest,), ()),
    on.DemonstrationFilled: Reactions((record_unread_mentions, bring_cases), ()),
    on.NoticesChanged:   Reactions((),                  (show_unseen,)),
    on.SignedOut:        Reactions((forget_device_of_session,), (close_session,)),
    on.CommunityChanged: Reactions((),                  (forget,)),
    on.RulesProposed:    Reactions((tell_members_of_proposal,), ()),
    on.ComplaintMade:    Reactions((tell_of_complaint,), ()),
    on.ComplaintDue:     Reactions((tell_that_it_is_due,), ()),
    on.ComplaintAnswered: Reactions((settle_complaint,), ()),
    on.InvitationAccepted: Reactions((begin_promised_places,), ()),
    on.PowerUsed:        Reactions((write_down,),       ()),
    on.PowerUsedOnMany:  Reactions((write_down_many,),  ()),
    on.WatchedWordsChanged: Reactions((),               (forget_words,)),
    on.DecisionRecorded: Reactions((tell_whom_it_concerns,), ()),
    on.CaseChanged:      Reactions((tell_moderators, write_to_moderators_at_once, tell_moderators_devices), (show_queue,)),
    on.SeatDrawn:        Reactions((tell_panel,),       ()),
    on.CaseClosed:       Reactions((tell_reporters,),   ()),
    on.PatientFlagged:   Reactions((tell_guardians,),   ()),
    on.SlipSettled:      Reactions((settle_guardians,), ()),
    on.SlipRunsOut:      Reactions((tell_time_runs,),   ()),
    on.SlipOutcomeRecorded: Reactions((stop_reminding,), ()),
}  # fmt: skip
