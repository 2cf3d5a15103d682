"""Rehearse thousands of users, and a group for each fifty, on the reference tenant, in this process, in every dialect.

    python tests/rehearsals/run.py [--users N] [PROFILE …]

It fails where anything is not as the source says, or where ten thousand users take more than three minutes of processor
time or 300 MB, a hundred thousand more than half an hour or 1.5 GB.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from conformance.reference.in_process import InProcess
from conformance.reference.tenant import DEFAULT_TOKEN, ReferenceTenant
from conformance.rehearsal.directory import invent
from conformance.rehearsal.rehearse import Plan, rehearse
from conformance.spec.profile import compose
from conformance.tenant.auth import BearerToken
from conformance.tenant.client import Client
from conformance.tenant.url import TenantURL

PROFILES = ("entra", "entra-aadoptscim062020", "okta", "okta-wizard")
USERS = 10_000
MEMBERS = 50
SECONDS_PER_USER, LEAST_MEGABYTES, MEGABYTES_PER_USER = 0.018, 300, 0.015


@dataclass(frozen=True)
class Played:
    """How a rehearsal went: seconds of processor time, seconds on the clock, the most megabytes."""

    good: bool
    sentence: str
    requests: int
    seconds: float
    clock: float
    megabytes: float


def play(name: str, users: int) -> Played:
    """Rehearse a profile's client with a directory of that size."""
    url = TenantURL.parse("http://127.0.0.1/scim/v2")
    transport = InProcess(ReferenceTenant(seed_users=3))
    client = Client(url, auth=BearerToken(DEFAULT_TOKEN), transport=transport)
    profile = compose([name])
    directory = invent(
        "conf-10000000", users=users, groups=users // MEMBERS, members_per_group=MEMBERS, seed="rehearsals"
    )
    begun, clock = time.process_time(), time.perf_counter()
    outcome = rehearse(client, profile, directory, Plan(profile.dialect))
    took = time.process_time() - begun, time.perf_counter() - clock
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Played(outcome.good, outcome.sentence, outcome.requests, *took, megabytes)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", type=int, default=USERS)
    parser.add_argument("profiles", nargs="*", default=PROFILES)
    asked = parser.parse_args()
    most_seconds = SECONDS_PER_USER * asked.users
    most_megabytes = max(LEAST_MEGABYTES, MEGABYTES_PER_USER * asked.users)
    bad = 0
    for profile in asked.profiles:
        with ProcessPoolExecutor(1) as pool:  # a process of its own, for the memory
            played = pool.submit(play, profile, asked.users).result()
        fits = played.seconds < most_seconds and played.megabytes < most_megabytes
        bad += not (played.good and fits)
        print(
            f"{profile}, {asked.users:,} users: {played.sentence} {played.requests:,} requests, "
            f"{played.seconds:.0f} s of processor time, {played.clock:.0f} s, {played.megabytes:.0f} MB"
            f"{'' if fits else ' (too much)'}",
            flush=True,
        )
    sys.exit(bool(bad))
