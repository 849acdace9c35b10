"""The jobs there are, in the order of a night."""

from card_service.jobs.birthdays import birthdays
from card_service.jobs.challenges import challenges
from card_service.jobs.job import Job
from card_service.jobs.notify import notify
from card_service.jobs.settle import expire, holds, release
from card_service.jobs.snapshot import snapshot
from card_service.jobs.tiers import tiers

A_MONTH, A_YEAR = 30, 365

JOBS = {
    job.name: job
    for job in (
        Job("holds", "gives points back whose hold has lapsed", holds),
        Job("release", "makes pending points available whose day has come", release),
        Job("tiers", "reviews the tier of every card", tiers),
        Job("expire", "posts what is past its last valid day", expire),
        Job("birthdays", "gives cards what their birthday brings", birthdays, makes_up=A_YEAR),
        Job("challenges", "tells who has missed a challenge, and three days before that it ends", challenges),
        Job("notify", "warns of points that expire in 30, 7 and 1 days", notify),
        Job("snapshot", "keeps what a day ended with", snapshot, makes_up=A_MONTH, closes=True, resumes=False),
    )
}
