"""A message keeps its author's profession in the words of then, whatever becomes of the list of professions."""

from django.db import migrations, models
from django.db.models import Case, Value, When

WORDS = {
    "specialist_midwife": "Diabetes specialist midwife",
    "specialist_nurse": "Diabetes specialist nurse",
    "midwife": "Midwife",
    "obstetrician": "Obstetrician",
    "diabetologist": "Diabetologist",
    "dietitian": "Dietitian",
    "gp": "GP",
    "pharmacist": "Pharmacist",
    "psychologist": "Psychologist",
    "commissioner": "Commissioner",
    "academic": "Academic",
    "lived_experience": "Lived experience",
    "charity_worker": "Charity worker",
    "manager": "Service manager",
    "other": "Member",
}


def say_in_words(apps, schema_editor):
    """One UPDATE for them all: there may be a million messages."""
    in_words = Case(*(When(profession=value, then=Value(words)) for value, words in WORDS.items()))
    apps.get_model("rooms", "Message").objects.filter(profession__in=WORDS).update(profession=in_words)


class Migration(migrations.Migration):

    dependencies = [
        ('rooms', '0003_group_choices'),
    ]

    operations = [
        migrations.AlterField('message', 'profession', models.CharField(blank=True, max_length=60)),
        migrations.RunPython(say_in_words),
    ]
