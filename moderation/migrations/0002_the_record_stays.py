"""A trigger that refuses to change what a decision says: not even a statement typed at the database does it by a slip."""

from django.db import migrations

SQLITE = """
CREATE TRIGGER decision_stays BEFORE UPDATE OF number, sealed, seal, made_at, act, role, ground, reason, words, by_id, about_id, until, undoes_id
ON moderation_decision BEGIN SELECT RAISE(ABORT, 'a decision in the record is never changed'); END
"""
POSTGRES = """
CREATE FUNCTION decision_stays() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a decision in the record is never changed' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER decision_stays BEFORE UPDATE OF number, sealed, seal, made_at, act, role, ground, reason, words, by_id, about_id, until, undoes_id
ON moderation_decision FOR EACH ROW EXECUTE FUNCTION decision_stays()
"""


def make(apps, schema_editor):
    schema_editor.execute(POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER decision_stays ON moderation_decision")
        schema_editor.execute("DROP FUNCTION decision_stays()")
    else:
        schema_editor.execute("DROP TRIGGER decision_stays")


class Migration(migrations.Migration):
    dependencies = [("moderation", "0001_cases_and_record")]
    operations = [migrations.RunPython(make, drop)]
