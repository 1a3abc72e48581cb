"""Signs of life of beat and of the workers, in the database so that whoever reads them needs neither."""

from django.db import models


class Heartbeat(models.Model):
    """One row for the whole installation: when beat last sent its heartbeat, and when a worker last carried one out."""

    name = models.CharField(max_length=40, unique=True)
    sent_at = models.DateTimeField("sent by beat", null=True, blank=True)
    executed_at = models.DateTimeField("carried out by a worker", null=True, blank=True)

    def __str__(self) -> str:
        return self.name
