"""The kinds of cluster: processes here, a scheduler that runs already, jobs of Slurm."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from .cluster import Cluster, ClusterError, Patience
from .profile import ClusterSection, Profile, checked_address, megabytes, read_profile
from .slurm import SlurmError, require_slurm, slurm

LOST_WORKER_SECONDS = "5s"
CONFIG = {
    "distributed.scheduler.allowed-failures": 10,
    "distributed.scheduler.work-stealing": False,  # lanes stay where they are
    "distributed.deploy.lost-worker-timeout": LOST_WORKER_SECONDS,
    "distributed.comm.timeouts.connect": "10s",
    "distributed.comm.timeouts.tcp": "30s",
    "distributed.admin.tick.limit": "60s",
    "distributed.admin.large-graph-warning-threshold": "1GB",  # weights of many scenarios
    "distributed.worker.memory.terminate": 0.95,
    "distributed.scheduler.worker-ttl": "60s",
    "logging.distributed": "critical",  # of the processes it starts
}


def profile_of(cluster: str) -> tuple[Profile, str]:
    """Return the profile of what `--cluster` names, and its kind.

    Raises
    ------
    ClusterError
        If it names nothing that could be reached.
    ProfileError
        If it names a profile that cannot be used.
    """
    if cluster.endswith(".toml"):
        profile = read_profile(Path(cluster))
        return profile, profile.cluster.kind
    if "://" in cluster:
        try:
            address = checked_address(cluster)
        except ValueError as error:
            raise ClusterError(f"--cluster {error}") from None
        reached = ClusterSection(kind="address", address=address, start_seconds=60.0)
        return Profile(cluster=reached), "address"
    if cluster in ("local", "slurm"):
        return Profile(), cluster
    raise ClusterError(
        f"--cluster {cluster}: expected threads, local, slurm, an address such as "
        "tcp://host:8786, or a profile FILE.toml"
    )


@contextmanager
def client_of(kind: str, profile: Profile, workers: int | None) -> Iterator[Any]:
    """Yield a Dask client of a cluster of this kind, bounded in time at both ends."""
    import dask
    import distributed  # noqa: F401 - first: leaving the block would drop its defaults with ours

    with dask.config.set(CONFIG), _quiet(), ExitStack() as stack:
        if kind == "address":
            target: Any = profile.cluster.address
        elif kind == "local":
            target = stack.enter_context(_processes(workers))
        else:
            target = stack.enter_context(_jobs(profile, workers or profile.cluster.workers))
        yield stack.enter_context(_client(target, profile.cluster.connect_seconds))


@contextmanager
def _client(target: Any, seconds: float) -> Iterator[Any]:
    from distributed import Client

    try:
        client = Client(target, timeout=seconds, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterError(
            f"{target}: no Dask scheduler answered within {seconds:.0f} s "
            f"({str(error).splitlines()[0] if str(error) else type(error).__name__})"
        ) from None
    try:
        yield client
    finally:
        with suppress(Exception):
            client.close(timeout=5)


@contextmanager
def _processes(workers: int | None) -> Iterator[Any]:
    """Yield a cluster of processes of one thread each on this machine."""
    from distributed import LocalCluster

    from .place import available_cores

    os.environ.setdefault("NUMBA_NUM_THREADS", "1")
    try:
        cluster = LocalCluster(
            n_workers=workers or available_cores(),
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # None: port 8787 of every interface
            worker_dashboard_address="127.0.0.1:0",
            local_directory=tempfile.gettempdir(),
            memory_limit=0,
        )
    except (OSError, RuntimeError, TimeoutError) as error:
        raise ClusterError(f"processes on this machine did not start: {error}") from None
    try:
        yield cluster
    finally:
        with suppress(Exception):
            cluster.close(timeout=10)


@contextmanager
def _jobs(profile: Profile, workers: int) -> Iterator[Any]:
    """Yield a cluster of jobs of Slurm, one process each; lost ones are replaced."""
    try:
        require_slurm()
    except SlurmError as error:
        raise ClusterError(f"--cluster slurm: {error}") from None
    from dask_jobqueue import SLURMCluster

    name = f"lis1plan-{os.getpid()}"
    try:
        cluster = SLURMCluster(**_as_asked(profile), job_name=name)
    except (OSError, RuntimeError, TimeoutError, ValueError) as error:
        raise ClusterError(f"--cluster slurm: {error}") from None
    cluster.adapt(minimum_jobs=workers, maximum_jobs=workers, interval="1s")
    try:
        yield cluster
    finally:
        with suppress(Exception):
            cluster.close(timeout=10)
        with suppress(SlurmError):
            slurm("scancel", f"--name={name}")


def _as_asked(profile: Profile) -> dict[str, Any]:
    """Return what a profile asks of Slurm, as dask-jobqueue names it."""
    jobs = profile.slurm
    return {
        "cores": jobs.cpus,
        "processes": 1,
        "memory": f"{megabytes(jobs.memory)}MiB",
        # a quarter more: numba and netCDF allocate out of Dask's sight
        "job_mem": f"{int(1.25 * megabytes(jobs.memory))}M",
        "job_cpu": jobs.cpus,
        "walltime": jobs.walltime,
        "queue": jobs.partition or None,
        "account": jobs.account or None,
        "python": sys.executable,
        "interface": jobs.interface or None,
        "death_timeout": 60,
        "local_directory": jobs.local_directory or tempfile.gettempdir(),
        "log_directory": tempfile.mkdtemp(prefix="lis1plan-workers-"),
        "scheduler_options": {"dashboard": False, "dashboard_address": None},
        "worker_extra_args": ["--no-dashboard"],
        "job_extra_directives": [*(["--requeue"] * jobs.requeue), *jobs.extra],
        "job_script_prologue": [
            *(f"module load {module}" for module in jobs.modules),
            *jobs.before,
            f"export NUMBA_NUM_THREADS={jobs.cpus} OMP_NUM_THREADS=1",
        ],
    }


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's own account of lost connections out of ours."""
    loggers = [logging.getLogger(name) for name in ("distributed", "tornado", "asyncio")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


@contextmanager
def open_cluster(place: Any) -> Iterator[Cluster]:
    """Start or reach the cluster of a place, checked, and let it go at the end.

    Raises
    ------
    ClusterError
        If it cannot be reached in time, has no workers, or other versions.
    """

    profile, kind = profile_of(place.cluster)
    patience = Patience(profile.cluster.start_seconds, profile.cluster.block_seconds)
    with ExitStack() as stack:
        client = stack.enter_context(client_of(kind, profile, place.workers))
        cluster = Cluster(client, patience)
        cluster.check()
        yield cluster
