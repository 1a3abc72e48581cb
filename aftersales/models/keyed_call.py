"""What calls of the API were answered with that bore a key: the same call with the same key gets the same answer."""

from django.conf import settings
from django.db import models


class KeyedCall(models.Model):
    """One call that was carried out, stored in the transaction of what it changed: a kill leaves both or neither."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=64)  # as long as the API takes one
    digest = models.BinaryField(max_length=32)  # of method, address and body
    status = models.PositiveSmallIntegerField()
    answer = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "order_aftersales_keyed_call"
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="keyed_call_identity")]
        indexes = [models.Index(fields=["created_at"], name="keyed_call_created")]

    def __str__(self) -> str:
        return self.key
