"""Rehearse ten thousand users and two hundred groups on the reference tenant, in this process, in every dialect.

    python tests/rehearsals/run.py [PROFILE …]

It fails where anything is not as the source says, or a rehearsal takes more than three minutes or 300 MB.
"""

from __future__ import annotations

import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from conformance.reference.in_process import InProcess
from conformance.reference.tenant import DEFAULT_TOKEN, ReferenceTenant
from conformance.rehearsal.directory import invent
from conformance.rehearsal.rehearse import Plan, rehearse
from conformance.spec.profile import compose
from conformance.tenant.auth import BearerToken
from conformance.tenant.client import Client
from conformance.tenant.url import TenantURL

PROFILES = ("entra", "entra-aadoptscim062020", "okta", "okta-wizard")
MOST_SECONDS, MOST_MEGABYTES = 180, 300


def play(name: str) -> tuple[bool, str, float, float]:
    """Return whether all is well, the verdict, the seconds of processor time, the most megabytes."""
    url = TenantURL.parse("http://127.0.0.1/scim/v2")
    transport = InProcess(ReferenceTenant(seed_users=3))
    client = Client(url, auth=BearerToken(DEFAULT_TOKEN), transport=transport)
    profile = compose([name])
    directory = invent("conf-10000000", users=10_000, groups=200, members_per_group=50, seed="rehearsals")
    begun = time.process_time()
    outcome = rehearse(client, profile, directory, Plan(profile.dialect))
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return outcome.good, outcome.sentence, time.process_time() - begun, megabytes


if __name__ == "__main__":
    bad = 0
    for profile_name in sys.argv[1:] or PROFILES:
        with ProcessPoolExecutor(1) as pool:  # a process of its own, for the memory
            good, sentence, seconds, megabytes = pool.submit(play, profile_name).result()
        fits = seconds < MOST_SECONDS and megabytes < MOST_MEGABYTES
        bad += not (good and fits)
        print(f"{profile_name}: {sentence} {seconds:.0f} s, {megabytes:.0f} MB{'' if fits else ' (too much)'}")
    sys.exit(bool(bad))
