"""A real Slurm of two virtual nodes on this machine, for the tests: started, used, stopped.

munged, slurmctld and two slurmd run as this user from one folder, on ports of their own; nothing of
the system's own configuration is read or written. Needs munge, slurmctld, slurmd, slurm-client.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

NODES = ("n1", "n2")

CONF = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge/socket,cred_expire=5
SlurmctldPort={port}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd.%n.log
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=256
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_min_interval=100000,sched_interval=2,bf_interval=2,requeue_delay=1
JobRequeue=1
KillWait=5
MinJobAge=3600
SlurmdTimeout=20
ReturnToService=2
MaxArraySize=101
{nodes}
PartitionName=normal Nodes=ALL Default=YES MaxTime=1-00:00:00 DefaultTime=00:10:00 State=UP
"""


class Daemons:
    """Processes started here, and how to stop exactly those."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, *command: str) -> None:
        with (self.folder / "log" / f"{Path(command[0]).name}.out").open("ab") as said:
            self._started.append(
                subprocess.Popen(command, env=self.environment, stdout=said, stderr=said)
            )

    def stop(self) -> None:
        for process in reversed(self._started):
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def running(folder: Path, cpus: int = 2, memory: int = 3000) -> Iterator[dict[str, str]]:
    """Start a Slurm of two nodes in `folder`; yield the environment its commands need."""
    for name in ("log", "munge", "state"):
        (folder / name).mkdir(parents=True)
    folder.chmod(0o755)
    (folder / "munge").chmod(0o755)
    (folder / "state").chmod(0o700)
    key = folder / "munge" / "key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o600)
    conf = folder / "slurm.conf"
    conf.write_text(_configuration(folder, cpus, memory), "utf-8")
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    environment = os.environ | {"SLURM_CONF": str(conf), "PATH": path}
    daemons = Daemons(folder, environment)
    try:
        _start(daemons, folder)
        yield environment
        subprocess.run(
            ["scancel", "-u", getpass.getuser()], env=environment, timeout=20, check=False
        )
        wait_until(lambda: not said(environment, "squeue", "-h"), 20, "jobs to end", quiet=True)
    finally:
        daemons.stop()


def _configuration(folder: Path, cpus: int, memory: int) -> str:
    first, second, controller = (_free_port() for _ in range(3))
    host = socket.gethostname().split(".")[0]
    nodes = "\n".join(
        f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs={cpus} "
        f"RealMemory={memory} State=UNKNOWN"
        for name, port in zip(NODES, (first, second), strict=True)
    )
    return CONF.format(
        host=host, user=getpass.getuser(), folder=folder, port=controller, nodes=nodes
    )


def _start(daemons: Daemons, folder: Path) -> None:
    munge, environment = folder / "munge", daemons.environment
    daemons.start(
        *("munged", "--force", "--foreground", f"--key-file={munge}/key"),
        *(f"--socket={munge}/socket", f"--pid-file={munge}/pid"),
        *(f"--log-file={munge}/log", f"--seed-file={munge}/seed"),
    )
    wait_until(lambda: (munge / "socket").exists(), 15, "munged")
    daemons.start("slurmctld", "-D")
    wait_until(lambda: "UP" in said(environment, "scontrol", "ping"), 30, "slurmctld")
    for name in NODES:
        daemons.start("slurmd", "-D", "-N", name)
    idle = ("sinfo", "-h", "-N", "-t", "idle", "-o", "%N")
    wait_until(lambda: len(said(environment, *idle).split()) == len(NODES), 40, "the nodes")


def said(environment: dict[str, str], *command: str) -> str:
    """What a command of Slurm prints."""
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=20, check=False
    )
    return done.stdout.strip()


def wait_until(holds: Callable[[], bool], seconds: float, what: str, quiet: bool = False) -> None:
    """Wait until a condition holds; time out with an error naming it."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            if quiet:
                return
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
