"""`python -m tests.support.claimer DATABASE JOB...`: plays relay and worker over the jobs, as fast as it can.

Prints as JSON which jobs it was given to send and which ones it claimed and completed.
"""

from __future__ import annotations

import json
import os
import sys

from docservice.db.unit_of_work import Database
from docservice.domain.sources import RandomIds, SystemClock
from docservice.jobs.service import JobService


def main() -> None:
    database = Database(sys.argv[1])
    jobs = JobService(database, SystemClock().now, RandomIds().new)
    sent: list[str] = []
    while batch := jobs.due(3):
        sent += [job.id for job in batch]
    claimed = [job for job_id in sys.argv[2:] if (job := jobs.claim(job_id, f"process {os.getpid()}", 60))]
    print(json.dumps({"sent": sent, "done": [job.id for job in claimed if jobs.complete(job)]}))
    database.close()


if __name__ == "__main__":
    main()
