"""The result file: read back as written, refused when damaged, and what every reader accepts."""

from __future__ import annotations

import re
import shutil
import signal
import threading
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray as xr
from xarray.backends import NetCDF4DataStore

from lis1plan.core.files import store
from lis1plan.core.files.checksums import data_sha256
from lis1plan.core.files.kinds import KINDS
from lis1plan.core.files.labels import ORDER
from lis1plan.core.files.store import ResultFileError, open_result, write_result
from lis1plan.core.files.variables import VARIABLES

STANDARD_NAMES = {"time", "realization"}


def dataset_of_every_kind() -> xr.Dataset:
    """A small dataset with every kind of value the program writes."""
    random = np.random.default_rng(1)
    return xr.Dataset(
        {
            "supply": (
                ("time", "realization", "region"),
                random.normal(size=(3, 700, 2)),
                {"long_name": "supply", "units": "1"},
            ),
            "single": ("time", np.array([1.5, np.nan, -2.0], np.float32)),
            "count": ("region", np.array([3, -(2**31)])),
            "flag": ("region", np.array([True, False])),
            "scalar": ((), 4.25),
            "tiny": ("time", np.array([1e-300, -0.0, np.pi])),
        },
        coords={
            "time": (
                "time",
                np.array([6756.0, 7121.0, 7487.0]),
                {"units": "days since 2000-01-01"},
            ),
            "region": ("region", np.array([1, 2], np.int32)),
            "region_name": ("region", np.array(["Helse Sør-Øst", "Ærø – 北"])),
            "realization": ("realization", np.arange(700)),
        },
    )


def written(dataset: xr.Dataset, folder: Path) -> Path:
    attributes = {"title": "Sør-Øst", "seed": 2**40, "small": 7, "ratio": 0.1, "yes": True}
    return write_result(dataset, folder / "result.nc", attributes)


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def values_of(path: Path) -> dict[str, bytes]:
    """The bytes of every variable as the NetCDF library reads them."""
    with netCDF4.Dataset(path) as file:
        file.set_auto_mask(False)
        file.set_auto_chartostring(False)
        return {name: variable[...].tobytes() for name, variable in file.variables.items()}


# ------------------------------------------------------------------------------------ round trip


def test_all_variables_come_back_as_written(tmp_path: Path) -> None:
    dataset = dataset_of_every_kind()
    back = open_result(written(dataset, tmp_path))
    assert set(back.variables) == set(dataset.variables)
    for name in dataset.variables:
        wanted, found = dataset[name], back[name]
        assert found.dims == wanted.dims
        if wanted.dtype.kind == "f":
            assert found.dtype == wanted.dtype
            assert found.values.tobytes() == wanted.values.tobytes(), name
        else:
            assert found.values.tolist() == wanted.values.tolist(), name


def test_attributes_come_back(tmp_path: Path) -> None:
    said = open_result(written(dataset_of_every_kind(), tmp_path)).attrs
    assert said["title"] == "Sør-Øst"
    assert said["seed"] == str(2**40)  # the classic model knows no larger integer
    assert said["small"] == 7
    assert said["ratio"] == 0.1
    assert said["yes"] == "true"
    assert said["complete"] == "true"


def test_writing_leaves_the_dataset_alone(tmp_path: Path) -> None:
    dataset = dataset_of_every_kind()
    before = dataset.copy(deep=True)
    written(dataset, tmp_path)
    assert dataset.identical(before)
    assert all(dataset[name].dtype == before[name].dtype for name in dataset.variables)


def test_result_is_written_again_unchanged(small_result: Path, tmp_path: Path) -> None:
    result = open_result(small_result)
    again = write_result(result, tmp_path / "again.nc", result.attrs)
    assert values_of(again) == values_of(small_result)
    assert open_result(again).attrs["data_sha256"] == result.attrs["data_sha256"]


def test_names_are_norwegian(small_result: Path) -> None:
    assert open_result(small_result)["region_name"].values.tolist() == [
        "Helse Nord",
        "Helse Midt-Norge",
        "Helse Vest",
        "Helse Sør-Øst",
    ]


def test_hash_tells_values_names_and_dimensions_apart() -> None:
    one = xr.Dataset({"a": (("x", "y"), np.arange(4.0).reshape(2, 2))})
    others = [
        one.rename(a="b"),
        one.rename(x="z"),
        xr.Dataset({"a": (("x", "y"), np.arange(4.0).reshape(2, 2).T)}),
        one.assign(c=1.0),
        xr.Dataset({"a": one["a"].assign_attrs(units="1")}),
        xr.Dataset({"a": one["a"].astype(np.float32)}),
    ]
    assert len({data_sha256(each, {}) for each in [one, *others]}) == 7


def test_hash_knows_one_missing_value_only() -> None:
    """A computed NaN may carry a sign; in the file all are the same fill value."""
    one = xr.Dataset({"a": ("x", np.array([np.nan, 1.0]))})
    other = xr.Dataset({"a": ("x", np.array([-np.nan, 1.0]))})
    assert data_sha256(one, {}) == data_sha256(other, {})


# ------------------------------------------------------------------------------- damaged, not ours


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_truncated_file_is_refused(small_result: Path, tmp_path: Path, share: float) -> None:
    whole = small_result.read_bytes()
    short = tmp_path / "short.nc"
    short.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ResultFileError, match=r"short\.nc: cannot be read as NetCDF"):
        open_result(short)


@pytest.mark.parametrize("less", [1, 8])
def test_file_that_lacks_its_last_bytes_is_refused(
    small_result: Path, tmp_path: Path, less: int
) -> None:
    short = tmp_path / "short.nc"
    short.write_bytes(small_result.read_bytes()[:-less])
    with pytest.raises(ResultFileError):
        open_result(short)


def test_flipped_bit_never_changes_a_value_unnoticed(small_result: Path, tmp_path: Path) -> None:
    """Wherever a bit flips, the file is refused or its data are what they were."""
    whole, wanted = small_result.read_bytes(), open_result(small_result)
    random, caught = np.random.default_rng(7), 0
    damaged = tmp_path / "damaged.nc"
    for place in random.integers(0, len(whole), 30):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << int(random.integers(8))
        damaged.write_bytes(flipped)
        try:
            found = open_result(damaged)
        except ResultFileError:
            caught += 1
        else:
            assert data_sha256(found, {}) == data_sha256(wanted, {})
            assert found.attrs == wanted.attrs
    assert caught > 10  # data make up most of the file


@pytest.mark.parametrize("name", ["shortfall_z", "slots", "supply_quantile", "region_name"])
def test_changed_data_are_refused(small_result: Path, tmp_path: Path, name: str) -> None:
    copy = tmp_path / "changed.nc"
    shutil.copyfile(small_result, copy)
    with netCDF4.Dataset(copy, "a") as file:
        file.set_auto_mask(False)
        file.set_auto_chartostring(False)
        values = file[name][:]
        values.flat[0] = b"X" if values.dtype.kind == "S" else values.flat[0] + 1.0
        file[name][:] = values
    with pytest.raises(ResultFileError, match=r"changed\.nc: .*checksum"):
        open_result(copy)


@pytest.mark.parametrize("name", ["study_json", "lower_bound", "solution_status", "seed"])
def test_changed_attributes_are_refused(small_result: Path, tmp_path: Path, name: str) -> None:
    copy = tmp_path / "changed.nc"
    shutil.copyfile(small_result, copy)
    with netCDF4.Dataset(copy, "a") as file:
        value = file.getncattr(name)
        file.setncattr(name, value[:-1] + "x" if isinstance(value, str) else value * 2)
    with pytest.raises(ResultFileError, match=r"changed\.nc: .*checksum"):
        open_result(copy)


def test_label_that_is_no_longer_text_is_refused(small_result: Path, tmp_path: Path) -> None:
    copy = tmp_path / "changed.nc"
    whole = small_result.read_bytes()
    copy.write_bytes(whole.replace("Helse Sør-Øst\x00".encode(), b"Helse S\xffr-\xc3\x98st\x00"))
    assert copy.read_bytes() != whole
    with pytest.raises(ResultFileError, match=r"changed\.nc"):
        open_result(copy)


def test_reader_fails_in_any_way_on_a_damaged_file(
    small_result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flipped bit in the header makes netCDF4 raise AttributeError, seven times in 700."""

    def failing(path: Path, **how: object) -> None:
        raise AttributeError("NetCDF: Can't open HDF5 attribute")

    monkeypatch.setattr(xr, "open_dataset", failing)
    with pytest.raises(ResultFileError, match="cannot be read as NetCDF"):
        open_result(small_result)


@pytest.mark.parametrize("content", [b"", b"year,region,slots\n", b"\x89HDF\r\n\x1a\n", b"CDF\x01"])
def test_other_kind_of_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.nc"
    path.write_bytes(content)
    with pytest.raises(ResultFileError, match=r"other\.nc: cannot be read as NetCDF"):
        open_result(path)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResultFileError, match=r"nowhere\.nc: no such file"):
        open_result(tmp_path / "nowhere.nc")


def test_netcdf_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.nc"
    xr.Dataset({"temperature": ("time", [1.0])}).to_netcdf(path)
    with pytest.raises(ResultFileError, match=r"other\.nc: not a lis1plan result"):
        open_result(path)


@pytest.mark.parametrize(
    ("attribute", "value", "said"),
    [
        (
            "lis1plan_schema",
            "2.0",
            r"by a newer lis1plan \(schema 2\.0, this one reads 1\); update",
        ),
        ("lis1plan_schema", np.int32(0), r"by an older lis1plan \(schema 0, this one reads 1\)"),
        ("lis1plan_schema", "two", "names no schema"),
        ("lis1plan_schema", None, "names no schema"),
        ("complete", "false", "not complete"),
        ("data_sha256", "0" * 64, "checksum"),
        ("complete", None, "not complete"),
        ("data_sha256", None, "checksum"),
    ],
)
def test_file_that_says_it_is_not_right_is_refused(
    tmp_path: Path, attribute: str, value: object, said: str
) -> None:
    path = written(dataset_of_every_kind(), tmp_path)
    with netCDF4.Dataset(path, "a") as file:
        if value is None:
            file.delncattr(attribute)
        else:
            file.setncattr(attribute, value)
    with pytest.raises(ResultFileError, match=said):
        open_result(path)


# -------------------------------------------------------------------------------- interrupted


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_killed_writer_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def killed(self: xr.Dataset, store: NetCDF4DataStore, **how: object) -> None:
        Path(store.ds.filepath()).write_bytes(b"half a file")
        raise error

    monkeypatch.setattr(xr.Dataset, "dump_to_store", killed)
    with pytest.raises(type(error)):
        written(dataset_of_every_kind(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_killed_writer_leaves_the_earlier_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = written(dataset_of_every_kind(), tmp_path).read_bytes()

    def killed(self: xr.Dataset, store: NetCDF4DataStore, **how: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(xr.Dataset, "dump_to_store", killed)
    with pytest.raises(KeyboardInterrupt):
        written(dataset_of_every_kind(), tmp_path)
    assert names_in(tmp_path) == ["result.nc", "result.nc.sha256"]
    assert (tmp_path / "result.nc").read_bytes() == before


class Interrupted:
    """The lock xarray takes, and a signal that comes when it is taken, the first time."""

    def __init__(self) -> None:
        self._lock, self.times = threading.Lock(), 0

    def acquire(self, blocking: bool = True) -> bool:
        assert self._lock.acquire(timeout=5.0), "it would wait for ever"
        self.times += 1
        if self.times == 1:
            signal.raise_signal(signal.SIGINT)
        return blocking

    def release(self) -> None:
        self._lock.release()

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


def test_a_signal_while_xarray_takes_its_lock_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Raised there, it would leave the lock taken, and closing the file wait for ever."""
    lock = Interrupted()
    monkeypatch.setattr(store, "NETCDF4_PYTHON_LOCK", lock)
    with pytest.raises(KeyboardInterrupt):
        written(dataset_of_every_kind(), tmp_path)
    assert lock.times > 1
    assert list(tmp_path.iterdir()) == []


def test_final_name_appears_only_when_the_file_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    present: list[str] = []
    replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        if target.suffix == ".nc":
            present.extend(file.name for file in tmp_path.iterdir())
            with netCDF4.Dataset(self) as file:
                assert file.complete == "true"
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", watched)
    path = written(dataset_of_every_kind(), tmp_path)
    assert len(present) == 1
    assert re.fullmatch(r"\.result\.nc\..*\.part", present[0])
    assert names_in(tmp_path) == [path.name, f"{path.name}.sha256"]
    assert path.stat().st_mode & 0o777 == 0o644


def test_sidecar_is_never_that_of_an_earlier_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the two, the writer leaves a file without a checksum, not with a wrong one."""
    written(dataset_of_every_kind(), tmp_path)

    def killed(path: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "write_sidecar", killed)
    with pytest.raises(KeyboardInterrupt):
        written(dataset_of_every_kind().drop_vars("tiny"), tmp_path)
    assert names_in(tmp_path) == ["result.nc"]
    assert "tiny" not in open_result(tmp_path / "result.nc")


def test_file_in_the_way_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", "utf-8")
    with pytest.raises((ResultFileError, OSError)):
        written(dataset_of_every_kind(), tmp_path / "out")
    assert (tmp_path / "out").read_text("utf-8") == "a file"


# ----------------------------------------------------------------------- what all readers accept


def test_result_is_of_the_classic_model(small_result: Path) -> None:
    with netCDF4.Dataset(small_result) as file:
        assert file.data_model == "NETCDF4_CLASSIC"
        assert not file.groups
        assert not any(dimension.isunlimited() for dimension in file.dimensions.values())


def test_variables_have_types_of_the_classic_model(small_result: Path) -> None:
    with netCDF4.Dataset(small_result) as file:
        types = {name: str(variable.dtype) for name, variable in file.variables.items()}
    assert set(types.values()) <= {"float64", "float32", "int32", "|S1"}


def test_attributes_are_single_texts_and_numbers(small_result: Path) -> None:
    with netCDF4.Dataset(small_result) as file:
        holders = [file, *file.variables.values()]
        kinds = {type(holder.getncattr(name)) for holder in holders for name in holder.ncattrs()}
    assert kinds <= {str, np.int32, np.float64, np.float32}


def test_time_comes_first_region_last_four_at_most(small_result: Path) -> None:
    with netCDF4.Dataset(small_result) as file:
        shapes = {n: v.dimensions for n, v in file.variables.items() if v.dtype.kind != "S"}
    for name, dimensions in shapes.items():
        assert len(dimensions) <= 4, name
        assert "time" not in dimensions[1:], name
        assert "region" not in dimensions[:-1], name
        ordered = [d for d in (*ORDER, "bound") if d in dimensions]
        assert list(dimensions) == ordered, name


def test_every_number_has_units_but_codes(small_result: Path) -> None:
    """UDUNITS knows no kroner: units are "1", `counts` says more. R fails on codes with units."""
    with netCDF4.Dataset(small_result) as file:
        data = {n: v for n, v in file.variables.items() if v.dtype.kind != "S"}
        coded = [n for n in data if n in (*ORDER, "year") and n != "time"]
        for name, variable in data.items():
            units = getattr(variable, "units", None)
            if name == "realization":
                assert units in (None, "1")
            elif name in coded or name == "time_bounds":
                assert units is None, name
            elif name == "time":
                assert units == "days since 2000-01-01"
            else:
                assert units == "1", name
                assert variable.counts, name
                assert variable.long_name, name
        money = [n for n, v in data.items() if getattr(v, "counts", "") == "NOK"]
        assert {"plan_cost", "cost_payer", "frontier_cost"} <= set(money)
        assert all(data[n].currency == "NOK" and data[n].price_year == 2018 for n in money)


def test_only_names_of_the_standard_are_called_standard(small_result: Path) -> None:
    with netCDF4.Dataset(small_result) as file:
        named = {
            n: v.standard_name for n, v in file.variables.items() if "standard_name" in v.ncattrs()
        }
    assert named == {name: name for name in STANDARD_NAMES}


def test_text_is_utf_8_and_says_so(small_result: Path) -> None:
    with netCDF4.Dataset(small_result) as file:
        text = {n: v for n, v in file.variables.items() if v.dtype.kind == "S"}
        assert {"region_name", "region_id", "plan_name", "supervision_unit"} <= set(text)
        for name, variable in text.items():
            assert variable._Encoding == "utf-8", name
            assert variable.dimensions[-1] == f"{name}_strlen"


def test_missing_values_are_marked_on_data_only(small_result: Path) -> None:
    with netCDF4.Dataset(small_result) as file:
        for name, variable in file.variables.items():
            marked = "_FillValue" in variable.ncattrs()
            is_data = variable.dtype.kind == "f" and name not in ("time", "time_bounds", "quantile")
            assert marked == is_data, name


def test_data_are_compressed(small_result: Path) -> None:
    """A flipped bit is found by zlib; uncompressed it would be read as a value."""
    with netCDF4.Dataset(small_result) as file:
        for name, variable in file.variables.items():
            if variable.dtype.kind != "S" and variable.dimensions:
                assert variable.filters()["zlib"], name
                assert variable.filters()["shuffle"], name


REVIEWED = (
    *("observes", "unit", "status", "stopped_by", "cost", "lower_bound", "gap", "shortage_cost"),
    *("value", "fresh_cost", "fresh_fixed_cost", "at_same_risk", "fresh_value"),
    *("rule_cost", "rule_fresh_cost"),
)


def documented(pattern: str) -> set[str]:
    """What the tables of the page name."""
    page = (Path(__file__).resolve().parents[3] / "docs" / "file-format.md").read_text("utf-8")
    rows = re.findall(r"(?m)^\|.*", page)
    return {name for row in rows for name in re.findall(rf"`({pattern})`", row)}


def test_file_format_page_names_every_variable(small_result: Path) -> None:
    """Nothing in the file that is not on the page, nothing on the page that nobody writes."""
    with netCDF4.Dataset(small_result) as file:
        held = {n for n in file.variables if not re.fullmatch("input_.*|path_.*", n)}
        attributes = {n for n in file.ncattrs() if not n.startswith("seconds_")}
    named = documented("[a-z0-9_]+")
    assert sorted(held - named) == []
    assert sorted(attributes - documented("[A-Za-z0-9_]+")) == []
    of_other_kinds = {n for n in VARIABLES if n.startswith(("over_", "replication_", "way_"))}
    assert sorted(of_other_kinds - named) == []
    words = {"significant_digits", "chosen", "none", "run", "together", "risk", "replicate"}
    words |= {"way_id", "way_name", "way_unit", "rerun", "nodes", "cuts"}
    words |= {"population_id", "population_name"}  # where a study counts all doctors
    words |= {f"{dim}_{end}" for dim in ("feature", "condition") for end in ("id", "name")}
    words |= {f"{dim}_{end}" for dim in ("branch", "review") for end in ("id", "name")}
    words |= {f"review_{word}" for word in REVIEWED}  # where a study has review years
    words |= {"near_most_cost"}  # where a study asks for near-optimal plans
    words |= {f"discovery_{x}" for x in ("limit", "boxes", "failing", "coverage", "density")}
    words |= {"kinds_beyond", "kinds_undecided"}  # where a study decides on several kinds of posts
    words |= {"measures_cost", "measure_slot_price", "measures", "general_practice", "rated"}
    words |= {word for kind in KINDS.values() for word in (kind.name, kind.command)}
    assert sorted(named - held - attributes - {*VARIABLES, *ORDER} - words) == []


@pytest.mark.parametrize("name", ["x" * 5_000, "a/" * 3_000, "file/below", "zero\x00byte"])
def test_a_name_that_no_file_can_have_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ResultFileError) as caught:
        open_result(tmp_path / name)
    assert str(caught.value).startswith(str(tmp_path)[:60])
    assert len(str(caught.value)) < 300
