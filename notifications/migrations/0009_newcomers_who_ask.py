import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0009_silenced'),
        ('notifications', '0008_moderation_notices'),
    ]

    operations = [
        migrations.AddField(
            model_name='notice',
            name='newcomer',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='members.communityrequest'),
        ),
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('mention', 'mentions you'), ('reply', 'replies to you'), ('direct', 'writes to you'), ('asks', 'asks to join'), ('let_in', 'let you into'), ('declined', 'declined your request to join'), ('added', 'added you to'), ('leads', 'named you a leader of'), ('keeps', 'set how long messages are kept in'), ('decision', 'A decision about you'), ('case', 'Something was reported'), ('outcome', 'What became of your report'), ('newcomer', 'asks to join the community')], max_length=8),
        ),
    ]
