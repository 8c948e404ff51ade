"""The cluster: the same bits wherever blocks are worked out, and one clear line when it fails."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from lis1plan.cli import main
from lis1plan.core.compute import cluster as cluster_module
from lis1plan.core.compute.cluster import Cluster, ClusterError, Patience
from lis1plan.core.compute.clusters import CONFIG, profile_of
from lis1plan.core.compute.place import Place
from lis1plan.core.compute.profile import ProfileError, read_profile
from lis1plan.core.compute.versions import mismatch, versions
from lis1plan.core.compute.workers import Workers, workers_at
from lis1plan.core.errors import Exit
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.system.posts import levels

from ...helpers.small_study import random_slots, small_study

pytestmark = pytest.mark.thorough

N = 1500
STUDY = small_study(5, regions=3, scenarios=N)
SCHEDULER = (
    "import asyncio, sys\n"
    "from distributed import Scheduler\n"
    "async def main():\n"
    "    async with Scheduler(host='127.0.0.1', port=0, dashboard=False) as s:\n"
    "        print(s.address, flush=True)\n"
    "        await s.finished()\n"
    "asyncio.run(main())\n"
)
WORKER = (
    "import asyncio, sys\n"
    "from distributed import Worker\n"
    "async def main():\n"
    "    async with Worker(sys.argv[1], nthreads=1, dashboard=False) as w:\n"
    "        await w.finished()\n"
    "asyncio.run(main())\n"
)


@contextmanager
def dask(workers: int, worker: str = WORKER) -> Iterator[tuple[str, list[Any]]]:
    """A scheduler and workers, each a process of its own: the address, and the processes."""
    quiet = os.environ | {"DASK_LOGGING__DISTRIBUTED": "critical"}
    silent: dict[str, Any] = {"stderr": subprocess.DEVNULL, "env": quiet, "text": True}
    first = subprocess.Popen([sys.executable, "-c", SCHEDULER], stdout=subprocess.PIPE, **silent)
    processes = [first]
    try:
        assert first.stdout is not None
        address = first.stdout.readline().strip()
        processes += [
            subprocess.Popen([sys.executable, "-c", worker, address], **silent)
            for _ in range(workers)
        ]
        yield address, processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()  # and close its pipes


def asked(workers: Workers, between: Any = None) -> bytes:
    """All an oracle answers for two plans, as bytes; `between` happens after the first."""
    oracle, found = prepare(STUDY, sample_of(STUDY), workers), b""
    for seed in (1, 2):
        level = levels(STUDY, random_slots(STUDY, seed, fractional=True))
        z = oracle.shortfall(level)
        found += z.tobytes() + oracle.concavity_excess(level).tobytes()
        found += oracle.each_bound(level, 0).slope.tobytes()
        found += b"".join(oracle.slope(level, c, row).tobytes() for c, row in enumerate(z))
        if between is not None and seed == 1:
            between()
    some = oracle.only(np.array([3, 700, 701, N - 1, 4]))
    return found + some.shortfall(level).tobytes()


@pytest.fixture(scope="module")
def reference() -> bytes:
    return asked(Workers(1))


def test_a_folder_that_keeps_answers_changes_nothing(reference: bytes, tmp_path: Path) -> None:
    for _ in range(2):
        with workers_at(Place(2, checkpoint=tmp_path)) as workers:
            workers.checkpoint._worth = 0.0
            assert asked(workers) == reference
    assert workers.checkpoint.written == 0
    assert workers.checkpoint.read > 8


def test_a_lost_worker_changes_nothing(reference: bytes) -> None:
    with dask(2) as (address, processes), workers_at(Place(cluster=address)) as workers:

        def lose() -> None:
            processes[1].kill()

        assert asked(workers, between=lose) == reference


def test_lanes_stay_where_they_are() -> None:
    """Asking moves no lanes: the workers send each other nothing but a few numbers."""

    def fetched(dask_worker: Any) -> int:  # in here it travels as code: workers know no tests
        return int(dask_worker.state.transfer_incoming_count_total)

    with dask(2) as (address, _), workers_at(Place(cluster=address)) as workers:
        assert isinstance(workers.scheduler, Cluster)
        while workers.scheduler._ask_threads() < 2:
            time.sleep(0.2)
        oracle = prepare(STUDY, sample_of(STUDY), workers)
        before = sum(workers.scheduler.client.run(fetched).values())
        for seed in range(10):
            oracle.shortfall(levels(STUDY, random_slots(STUDY, seed)))
        assert sum(workers.scheduler.client.run(fetched).values()) == before


def test_a_dead_scheduler_is_one_clear_line() -> None:
    began = time.monotonic()
    with (
        pytest.raises(ClusterError, match=r"^cluster|scheduler"),
        dask(1) as (address, processes),
        workers_at(Place(cluster=address)) as workers,
    ):
        asked(workers, between=processes[0].kill)
    assert time.monotonic() - began < 90


def test_a_stuck_worker_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    with dask(1) as (address, processes), workers_at(Place(cluster=address)) as workers:
        assert isinstance(workers.scheduler, Cluster)
        workers.scheduler._patience = Patience(start=3.0, block=3.0)
        with pytest.raises(ClusterError, match="no block finished within 3 s"):
            asked(workers, between=lambda: processes[1].send_signal(signal.SIGSTOP))
        processes[1].send_signal(signal.SIGCONT)


def test_a_worker_that_falls_silent_with_an_answer_is_noticed() -> None:
    """It froze after it had finished a block and before it sent it."""
    with dask(1) as (address, processes), workers_at(Place(cluster=address)) as workers:
        assert isinstance(workers.scheduler, Cluster)
        workers.scheduler._patience = Patience(start=3.0, block=3.0)
        (held,) = workers.scheduler.hold({"block": (np.zeros, 1_000_000)})
        assert workers.scheduler.finished([held]) == [held]
        processes[1].send_signal(signal.SIGSTOP)
        with pytest.raises(ClusterError, match="no block finished within 3 s"):
            workers.scheduler._result(held)
        processes[1].send_signal(signal.SIGCONT)


def test_a_frozen_worker_is_given_up(reference: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """It neither answers nor dies; others do its work, and the cluster closes without it."""
    monkeypatch.setitem(CONFIG, "distributed.scheduler.worker-ttl", "5s")
    began = time.monotonic()
    with workers_at(Place(2, "local")) as workers:
        assert isinstance(workers.scheduler, Cluster)
        frozen, _ = workers.scheduler.client.run(os.getpid).values()
        try:
            freeze = lambda: os.kill(frozen, signal.SIGSTOP)  # noqa: E731
            assert asked(workers, between=freeze) == reference
        finally:
            with suppress(ProcessLookupError):
                os.kill(frozen, signal.SIGKILL)
    assert time.monotonic() - began < 120


def test_an_unreachable_cluster_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as taken:  # a port that nobody answers on
        taken.bind(("127.0.0.1", 0))
        profile = tmp_path / "far.toml"
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        profile.write_text(
            f'[cluster]\nkind = "address"\naddress = "{address}"\nconnect_seconds = 2\n', "utf-8"
        )
        began = time.monotonic()
        refused = pytest.raises(ClusterError, match="no Dask scheduler answered within 2 s")
        with refused, workers_at(Place(cluster=str(profile))):
            pass
    assert time.monotonic() - began < 20


MALFORMED = [
    "tcp://host", "tcp://host:abc", "tcp://host:0", "tcp://host:65536", "tcp://:8786", "tcp://",
    "http://host:8786", "tpc://host:8786", "tcp://a b:8786", "tcp://[::1:8786", "inproc://x",
]  # fmt: skip


@pytest.mark.parametrize("address", MALFORMED)
def test_a_malformed_address_is_bad_input_and_names_its_key(address: str, tmp_path: Path) -> None:
    """What merely does not answer ends otherwise, with 1."""
    profile = tmp_path / "far.toml"
    profile.write_text(f'[cluster]\nkind = "address"\naddress = "{address}"\n', "utf-8")
    said = f"'{address}': expected an address such as tcp://host:8786 (tcp, tls, "
    for cluster, named in (
        (str(profile), f"{profile}: cluster.address: "),
        (address, "--cluster "),
    ):
        done = CliRunner().invoke(main, ["validate", "tutorial", "--cluster", cluster])
        assert done.exit_code == Exit.BAD_INPUT
        assert done.stderr.startswith(f"lis1plan: {named}{said}")
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("address", ["tcp://10.0.0.1:1", "tls://[fe80::1]:65535", "ws://a.b-c:80/"])
def test_an_address_that_might_answer_is_not_refused(address: str) -> None:
    assert profile_of(address)[0].cluster.address == address


def test_a_profile_of_an_address_needs_one(tmp_path: Path) -> None:
    (tmp_path / "far.toml").write_text('[cluster]\nkind = "address"\n', "utf-8")
    with pytest.raises(ProfileError, match=r"cluster: kind = \"address\" needs `address`, such as"):
        read_profile(tmp_path / "far.toml")


def test_a_cluster_without_workers_is_not_waited_for_for_ever() -> None:
    with dask(0) as (address, _):
        from distributed import Client

        refused = pytest.raises(ClusterError, match="no worker came within 1 s")
        with Client(address, set_as_default=False) as client, refused:
            Cluster(client, Patience(start=1.0)).check()


def test_other_versions_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    other = versions() | {"lis1plan": "9.9", "numpy": "1.0"}
    with dask(1) as (address, _):
        monkeypatch.setattr(cluster_module, "versions", lambda: other)
        with pytest.raises(ClusterError) as caught, workers_at(Place(cluster=address)):
            pass
    for part in ("other versions", "lis1plan", "there, 9.9 here", "there, 1.0 here"):
        assert part in str(caught.value)


def test_a_mismatch_names_both_versions() -> None:
    here = {"numpy": "2.4", "code": "a"}
    assert mismatch(here, here) == ""
    assert (
        mismatch(here, {"numpy": "2.3"}) == "numpy 2.3 there, 2.4 here; code missing there, a here"
    )


@pytest.mark.parametrize("name", ["nowhere", "slrum", "127.0.0.1:8786"])
def test_an_unknown_cluster_is_refused(name: str) -> None:
    refused = pytest.raises(ClusterError, match="expected threads, local, slurm")
    with refused, workers_at(Place(cluster=name)):
        pass


def test_no_slurm_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SLURM_CONF", str(tmp_path / "none.conf"))
    began = time.monotonic()
    refused = pytest.raises(ClusterError, match="--cluster slurm: scontrol: ")
    with refused, workers_at(Place(cluster="slurm")):
        pass
    assert time.monotonic() - began < 10


def test_a_bad_profile_names_every_problem(tmp_path: Path) -> None:
    file = tmp_path / "profile.toml"
    file.write_text(
        '[cluster]\nkind = "pbs"\n[slurm]\nwalltime = "soon"\nmemory = "much"\ncpu = 2\n', "utf-8"
    )
    with pytest.raises(ProfileError) as caught:
        read_profile(file)
    said = caught.value.lines
    assert len(said) == 4
    assert any("slurm.cpu: unknown key" in line for line in said)
    assert any("'soon': expected a time" in line for line in said)
