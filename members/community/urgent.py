"""Where to turn when somebody may be in danger: signposting that the community writes, and that is there before it has."""

from members.models import Community

URGENT = """\
This community is not watched day and night. If somebody may come to harm, do not wait for an answer here.

- **Somebody is in danger now**: call **999**.
- **Somebody needs medical help soon, and it is no emergency**: call **111**, or use 111.nhs.uk.
- **You worry about a child or an adult at risk**: speak to the safeguarding lead of your own trust or organisation today.
- **You are struggling yourself, or somebody close to you is**: Samaritans listen day and night, free, on **116 123**.

*These numbers are for England and came with the software: an administrator of this community should check them and add others.*\
"""


def urgent_words() -> str:
    """As the community says it, in Markdown."""
    return Community.objects.values_list("urgent", flat=True).first() or URGENT
