"""Professions become a list that moderators keep; members say more of themselves."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

FIRST = {
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
}
"""The professions as they were in the code: the list that every community begins with. `other` becomes none."""


def list_professions(apps, schema_editor):
    """A row for each profession, and each member's; one UPDATE a profession, whatever the number of members."""
    Profession, Member = apps.get_model("members", "Profession"), apps.get_model("members", "Member")
    for order, (value, name) in enumerate(FIRST.items(), 1):
        profession = Profession.objects.create(name=name, order=10 * order)
        Member.objects.filter(profession_before=value).update(profession=profession)


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0003_copies_and_erasure'),
    ]

    operations = [
        migrations.CreateModel(
            name='Profession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('name', models.CharField(max_length=60, unique=True)),
                ('order', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField('organisation', 'retired_at', models.DateTimeField(blank=True, null=True)),
        migrations.RenameField('member', 'profession', 'profession_before'),
        migrations.AddField('member', 'profession', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='members', to='members.profession')),
        migrations.RunPython(list_professions),
        migrations.RemoveField('member', 'profession_before'),
        migrations.AddField('member', 'pronouns', models.CharField(blank=True, max_length=40)),
        migrations.AddField('member', 'real_name', models.CharField(blank=True, help_text='For administrators alone; shown to nobody else, anywhere.', max_length=120)),
        migrations.AddField('member', 'affiliation_confirmed_at', models.DateTimeField(default=django.utils.timezone.now)),
        migrations.AddField('member', 'time_zone', models.CharField(blank=True, help_text="Empty: the site's.", max_length=50)),
        migrations.AddField('member', 'photo_version', models.CharField(blank=True, help_text='Empty: there is no photo.', max_length=16)),
        migrations.AddField('member', 'is_listed', models.BooleanField(default=True, help_text='Off: known only to those who share a group.')),
        migrations.AddField('member', 'left_at', models.DateTimeField(blank=True, null=True)),
        migrations.CreateModel(
            name='Photo',
            fields=[
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='photo', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('picture', models.BinaryField()),
            ],
        ),
    ]
