"""What the server notes of its own work."""

from django.db import models


class JobRun(models.Model):
    """When a job of the clock last ran, in whichever process: one row for each job."""

    job = models.CharField(max_length=60, primary_key=True)
    began_at = models.DateTimeField()
    seconds = models.FloatField()
    error = models.CharField(max_length=60, blank=True, help_text="The name of the error, empty if all went well.")
