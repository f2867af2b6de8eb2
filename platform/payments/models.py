"""What Stripe told us (the inbox) and what we asked of it. `operator_id` is whose Stripe account it is."""

from __future__ import annotations

from django.db import models


class StripeEvent(models.Model):
    """One event, stored once under Stripe's own id, as it came. Nothing in `payload` is believed: the work fetches the
    object it names."""

    class State(models.TextChoices):
        NEW = "new"
        DONE = "done"
        # Of a type or an object that is none of ours, or nobody's: kept for people to look at, never worked again.
        PARKED = "parked"

    event_id = models.CharField(max_length=255)
    operator_id = models.BigIntegerField()
    type = models.CharField(max_length=100)
    object_id = models.CharField(max_length=255, blank=True, default="")
    payload = models.JSONField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.NEW)
    note = models.TextField(blank=True, default="")
    tries = models.PositiveIntegerField(default=0)
    received_at = models.DateTimeField(auto_now_add=True)
    worked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["operator_id", "event_id"], name="stripe_event_stored_once")]
        indexes = [
            models.Index(fields=["received_at"], condition=models.Q(state="new"), name="stripe_event_waiting"),
        ]


class StripeCall(models.Model):
    """One thing asked of Stripe, written down under its Idempotency-Key before it is asked.

    UNKNOWN: asked, and no answer came; asking again under the same key gives the answer of the first time.
    """

    class State(models.TextChoices):
        UNKNOWN = "unknown"
        DONE = "done"
        REFUSED = "refused"
        # Stripe forgets keys after a day: from then on asking again could do it twice, so people decide.
        LOST = "lost"

    key = models.CharField(max_length=255)
    operator_id = models.BigIntegerField()
    path = models.CharField(max_length=255)
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=16, choices=State.choices, default=State.UNKNOWN)
    answer = models.JSONField(null=True)
    error = models.TextField(blank=True, default="")
    tries = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField(auto_now_add=True)
    tried_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["operator_id", "key"], name="stripe_call_key_is_one_call")]
        indexes = [
            models.Index(fields=["asked_at"], condition=models.Q(state="unknown"), name="stripe_call_unknown"),
        ]
