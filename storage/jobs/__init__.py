"""Jobs: what became of each accepted request, from the queue to exactly one end.

    QUEUED <──> RUNNING ──> RENDERED ──> DELIVERED    credits captured
       │           │            └──────> FAILED       credits released
       │           ├───────────────────> FAILED
       │           └───────────────────> CANCELLED    the share not yet rendered is released
       └───────────────────────────────> CANCELLED or FAILED, credits released

Whoever works on a job holds a lease and an attempt number. A write that carries an older attempt
changes nothing, so a worker that was given up for dead cannot harm the one that took over.
"""

from storage.jobs.appeals import SCREENED, allow, held_back, render_blocked
from storage.jobs.cards import (
    card_finished,
    card_lost,
    card_sent,
    card_shown,
    open_cards,
    pressing_cards,
    reopen_cards,
    send_to_person,
)
from storage.jobs.ends import (
    cancel_all,
    cancelled,
    delivered,
    fail,
    give_up_in,
    request_cancel,
    to_be_stopped,
)
from storage.jobs.leases import (
    claim,
    fail_unserved,
    is_due,
    render_done,
    renew,
    requeue_running,
    worker_failed,
)
from storage.jobs.line import Standing, front, standings
from storage.jobs.own import by_id, latest_clips_of, unfinished_of
from storage.jobs.queue import (
    by_card,
    by_token,
    by_update,
    count_unfinished,
    counts,
    get,
    in_hand,
    insert,
    is_under_way,
    newest_unfinished_of,
    passed,
    places,
    rendered_jobs,
    unfinished,
    waiting,
)
from storage.jobs.values import NO_PICTURES, Job, JobState

__all__ = [
    "NO_PICTURES",
    "SCREENED",
    "Job",
    "JobState",
    "Standing",
    "allow",
    "by_card",
    "by_id",
    "by_token",
    "by_update",
    "cancel_all",
    "cancelled",
    "card_finished",
    "card_lost",
    "card_sent",
    "card_shown",
    "claim",
    "count_unfinished",
    "counts",
    "delivered",
    "fail",
    "fail_unserved",
    "front",
    "get",
    "give_up_in",
    "held_back",
    "in_hand",
    "insert",
    "is_due",
    "is_under_way",
    "latest_clips_of",
    "newest_unfinished_of",
    "open_cards",
    "passed",
    "places",
    "pressing_cards",
    "render_blocked",
    "render_done",
    "rendered_jobs",
    "renew",
    "reopen_cards",
    "request_cancel",
    "requeue_running",
    "send_to_person",
    "standings",
    "to_be_stopped",
    "unfinished",
    "unfinished_of",
    "waiting",
    "worker_failed",
]
