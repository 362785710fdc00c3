"""Who a member is to the others, as they say it themselves."""

from dataclasses import dataclass

from frontend.text import is_blank, one_line
from members.models import Member, Organisation
from members.refusals import BadRequest
from members.requests import whole_number

LONGEST_NAME = 80
LONGEST_SUBJECTS = 200


@dataclass(frozen=True, slots=True)
class Profile:
    """What a member says of themselves. `organisation` is an id as a form sends it, empty for none."""

    display_name: str
    profession: str
    organisation: str
    ask_me_about: str


def profile_of(member: Member) -> Profile:
    organisation = str(member.organisation_id or "")
    return Profile(member.display_name, member.profession, organisation, member.ask_me_about)


def change_profile(member: Member, profile: Profile) -> Member:
    """Keep what the member says of themselves. What they wrote keeps the affiliation it had. Raises BadRequest."""
    name, subjects = one_line(profile.display_name), one_line(profile.ask_me_about)
    if is_blank(name):
        raise BadRequest("The others need a name for you. A first name or an alias is fine.", field="display_name")
    if len(name) > LONGEST_NAME:
        raise BadRequest(f"A name has at most {LONGEST_NAME} characters.", code="too_long", field="display_name")
    if len(subjects) > LONGEST_SUBJECTS:
        raise BadRequest(f"That is over {LONGEST_SUBJECTS} characters.", code="too_long", field="ask_me_about")
    if profile.profession not in Member.Profession.values:
        raise BadRequest("Choose a profession from the list.", field="profession")
    member.organisation = organisation_of(profile.organisation)
    member.display_name, member.profession, member.ask_me_about = name, profile.profession, subjects
    member.save(update_fields=["display_name", "profession", "organisation", "ask_me_about"])
    return member


def organisation_of(chosen: str) -> Organisation | None:
    if not chosen:
        return None
    organisation = Organisation.objects.filter(pk=whole_number(chosen) or 0).first()
    if organisation is None:
        raise BadRequest("Choose an organisation from the list.", field="organisation")
    return organisation
