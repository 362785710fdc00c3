"""Answers as mail programs send them: the name of the program, what came, and what Alice typed.

The letter that is answered begins with the marker, as all do that can be answered.
"""

from members.mail import ANSWER_ABOVE

OURS = f"""{ANSWER_ABOVE}

Bob wrote in Supper:
Soup or salad?
"""
QUOTED = "".join(f"> {line}\n" if line else ">\n" for line in OURS.splitlines())
WITHOUT_IT = QUOTED.replace(ANSWER_ABOVE, "Supper")
NHS = """

********************************************************************************************************************

This message may contain confidential information. If you are not the intended recipient please:
i) inform the sender that you have received the message in error before deleting it; and
ii) do not disclose, copy or distribute information in this e-mail or take any action in relation to its content.
Thank you for your co-operation.

NHSmail is the secure email, collaboration and directory service available for all NHS staff in England.

"""
TRUST = """

DISCLAIMER: This e-mail and any files transmitted with it are confidential and intended solely for the use of the
individual or entity to whom they are addressed. If you have received this email in error please notify the sender.
"""
HEAD = """From: Roundtable <roundtable@example.org>
Sent: Monday, November 3, 2025 7:00 AM
To: Alice <alice@example.org>
Subject: Supper: yesterday
"""

PLAIN: dict[str, tuple[str, str]] = {
    "Gmail, web": (
        f"Soup, please.\n\nOn Mon, 3 Nov 2025 at 07:00, Roundtable <roundtable@example.org> wrote:\n\n{QUOTED}",
        "Soup, please.",
    ),
    "Gmail, web, its head broken over two lines": (
        (
            "Soup, please.\n\nOn Mon, 3 Nov 2025 at 07:00, Roundtable, the Cooks of London <\n"
            f"roundtable@example.org> wrote:\n\n{QUOTED}"
        ),
        "Soup, please.",
    ),
    "Gmail, web, a signature": (
        f"Soup.\n\n-- \nAlice\nSt Example's\n\nOn Mon, 3 Nov 2025 at 07:00, R <r@example.org> wrote:\n\n{QUOTED}",
        "Soup.",
    ),
    "Gmail, web, long lines broken": (
        (
            "I would rather have the soup, since the salad was gone by the time when\nwe came out of the meeting.\n\n"
            f"And bread.\n\nOn Mon, 3 Nov 2025 at 07:00, R <r@example.org> wrote:\n\n{QUOTED}"
        ),
        "I would rather have the soup, since the salad was gone by the time when we came out of the meeting.\n\nAnd bread.",
    ),
    "Gmail, Android": (
        f"Soup\n\nOn Mon, 3 Nov 2025, 07:00 Roundtable, <roundtable@example.org> wrote:\n\n{QUOTED}",
        "Soup",
    ),
    "Gmail, written beneath": (
        f"On Mon, 3 Nov 2025 at 07:00, R <r@example.org> wrote:\n\n{QUOTED}\nSoup, please.\n",
        "Soup, please.",
    ),
    "Gmail, written between": (
        "On Mon, 3 Nov 2025 at 07:00, R <r@example.org> wrote:\n\n> Soup or salad?\n\nSoup.\n\n> Bread?\n\nYes.\n",
        "Soup.\n\n\nYes.",
    ),
    "Outlook, desktop": (f"Soup, please.\n\n{HEAD}\n{OURS}", "Soup, please."),
    "Outlook, desktop, its name beneath": (
        (
            f"Soup, please.\n\nKind regards\n\nAlice Example\nDiabetes specialist midwife\nSt Example's\nTel: 020 7946 0000\n\n"
            f"{HEAD}\n{OURS}"
        ),
        "Soup, please.",
    ),
    "Outlook, web": (f"Soup, please.\n{'_' * 32}\n{HEAD}\n{OURS}", "Soup, please."),
    "Outlook, iOS": (
        f"Soup\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n{'_' * 32}\n{HEAD}\n{OURS}",
        "Soup",
    ),
    "Outlook, Android": (f"Soup\n\nSent from Outlook for Android\n\n{'_' * 32}\n{HEAD}\n{OURS}", "Soup"),
    "Outlook, the marker lost": (f"Soup\n\n{HEAD}\nBob wrote in Supper:\nSoup or salad?\n", "Soup"),
    "Outlook, an older one": (f"Soup\n\n-----Original Message-----\n{HEAD}\n{OURS}", "Soup"),
    "Outlook, bold labels": (
        "Soup\n\n*From:* R <r@example.org>\n*Sent:* 03 November 2025 07:00\n*To:* Alice\n*Subject:* Supper\n\nSoup or salad?",
        "Soup",
    ),
    "Apple Mail": (
        f"Soup, please.\n\nAlice\n\n> On 3 Nov 2025, at 07:00, Roundtable <roundtable@example.org> wrote:\n> \n{QUOTED}",
        "Soup, please.\n\nAlice",
    ),
    "iPhone": (
        (
            "Soup\n\nSent from my iPhone\n\n"
            f"> On 3 Nov 2025, at 07:00, Roundtable <roundtable@example.org> wrote:\n> \n> \ufeff\n{QUOTED}"
        ),
        "Soup",
    ),
    "iPhone, the head not quoted": (
        f"Soup\n\nSent from my iPhone\n\nOn 3 Nov 2025, at 07:00, R <r@example.org> wrote:\n\n\ufeff\n{QUOTED}",
        "Soup",
    ),
    "Samsung": (
        (
            "Soup\n\n\nSent from my Galaxy\n\n\n-------- Original message --------\n"
            f"From: Roundtable <roundtable@example.org>\nDate: 03/11/2025 07:00 (GMT+00:00)\nTo: Alice\nSubject: Supper\n\n{OURS}"
        ),
        "Soup",
    ),
    "Thunderbird": (f"Soup\n\nOn 03/11/2025 07:00, Roundtable wrote:\n{QUOTED}", "Soup"),
    "Thunderbird, written beneath": (f"On 03/11/2025 07:00, Roundtable wrote:\n{QUOTED}\nSoup\n\n-- \nAlice", "Soup"),
    "Yahoo, nothing marked": (
        f"Soup\n\n    On Monday, 3 November 2025 at 07:00:00 GMT, R <r@example.org> wrote:  \n \n {OURS}",
        "Soup",
    ),
    "German, Gmail": (
        f"Suppe\n\nAm Mo., 3. Nov. 2025 um 07:00 Uhr schrieb Roundtable <\nr@example.org>:\n\n{QUOTED}",
        "Suppe",
    ),
    "German, Outlook": (
        (
            "Suppe\n\nMit freundlichen Grüßen\nAlice Example\n\nVon: R <r@example.org>\nGesendet: Montag, 3. November 2025\n"
            "An: Alice\nBetreff: Supper\n\nSoup or salad?"
        ),
        "Suppe",
    ),
    "German, iPhone": (
        f"Suppe\n\nVon meinem iPhone gesendet\n\n> Am 03.11.2025 um 07:00 schrieb R <r@example.org>:\n> \n{QUOTED}",
        "Suppe",
    ),
    "French, Gmail": (
        f"La soupe\n\nLe lun. 3 nov. 2025 à 07:00, R <r@example.org> a écrit :\n\n{WITHOUT_IT}",
        "La soupe",
    ),
    "French, Outlook": (
        (
            "La soupe\n\nBien cordialement,\nAlice\n\nDe : R <r@example.org>\nEnvoyé : lundi 3 novembre 2025 07:00\n"
            "À : Alice\nObjet : Supper\n\nSoup or salad?"
        ),
        "La soupe",
    ),
    "French, iPhone": (
        f"La soupe\n\nEnvoyé de mon iPhone\n\n> Le 3 nov. 2025 à 07:00, R a écrit :\n{QUOTED}",
        "La soupe",
    ),
    "NHSmail, beneath all": (f"Soup, please.\n\n{HEAD}\n{OURS}{NHS}", "Soup, please."),
    "NHSmail, beneath what was typed": (f"Soup, please.{NHS}\n{HEAD}\n{OURS}", "Soup, please."),
    "NHSmail, beneath a quotation": (
        f"Soup\n\nOn Mon, 3 Nov 2025 at 07:00, R <r@example.org> wrote:\n\n{QUOTED}{NHS}",
        "Soup",
    ),
    "a trust's disclaimer beneath a signature": (
        f"Soup.\n\nBest wishes,\n\nAlice\nLead midwife | Women's Health{TRUST}\n{HEAD}\n{OURS}",
        "Soup.",
    ),
    "no marker, no quotation": ("Soup.\n\n- with bread\n- and butter\n", "Soup.\n\n- with bread\n- and butter"),
}
"""As plain text, beside whatever HTML."""

KEPT: dict[str, str] = {
    "points": "Two things:\n\n- ask the ward\n- then the pharmacy\n\n-- \nonly then the rest".replace("-- ", "—"),
    "thanks that go on": "Hello all\n\nThanks, Bob. We should change the form before May.",
    "thanks, and a question": "Thanks,\ncan you send me the form?",
    "a goodbye and much more": "Kind regards\n\n" + "\n".join(f"Line {number} that was typed" for number in range(20)),
    "a goodbye to somebody": "Soup.\n\nBest wishes\nto Fatima for her new post",
    "a goodbye and a sentence": "Soup.\n\nThanks,\nI will bring it tomorrow",
    "a goodbye and nothing more": "Soup.\n\nKind regards",
    "somebody else's name": "Soup.\n\nThanks,\nBob",
    "a postscript": "Soup.\n\nKind regards\nAlice\n\nPS: bring bread",
    "a quotation on purpose": "NICE said in 2015:\n\n> Offer all women a test\n\nDo we?",
    "a passage of somebody's": "On page 12 of the guideline it says:\n\n> Offer a test at 28 weeks\n\nDo we?",
    "a list of labels": "From: May\nAnd what then?",
    "a row of signs": "Before\n\n-----\n\nAfter",
    "two hyphens": "Before\n--\n"
    + "A sentence that runs on for longer than any line of a signature would, and then on." * 2,
    "an iPhone": "Sent from my iPhone it looks odd.\n\nDoes it to you?",
    "what is confidential": "I think the message is confidential.\n\nWhat do you say?",
    "nested points": "Plan:\n\n1. Pumps\n    - who\n    - when",
    "what somebody said": "On Monday at 10:30 Bob wrote:\nSoup is best.",
    "a letter passed on": "See this:\n\n---------- Forwarded message ---------\nFrom: Nora <nora@example.org>\n"
    "Date: Mon, 3 Nov 2025\nSubject: Pumps\nTo: Alice\n\nThe pumps are here.",
}
"""What somebody typed and a careless reader would cut."""
