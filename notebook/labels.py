"""Labels to select by: `result.sel(region_id="vest", year=2030, plan_id="chosen")`."""

from __future__ import annotations

import xarray as xr

from ..core.files.checksums import as_attribute

FORMS = ("{dim}_id", "{dim}_name")


def selectable(result: xr.Dataset) -> xr.Dataset:
    """Return a result whose identifiers, names and years are indexes, too.

    The data stay the same to the last bit. Names that stand twice along a dimension are no index.
    Attributes are as files hold them, so that `to_netcdf` takes them.
    """
    found = result
    for dim in map(str, result.dims):
        for name in ("year",) if dim == "time" else (form.format(dim=dim) for form in FORMS):
            if name not in result.variables or result[name].dims != (dim,):
                continue
            if len(set(result[name].values.tolist())) == result.sizes[dim]:
                found = found.set_coords(name)
                found = found if name in found.xindexes else found.set_xindex(name)
    return found.assign_attrs({key: as_attribute(x) for key, x in result.attrs.items()})


def plain(result: xr.Dataset) -> xr.Dataset:
    """Return a result as files hold it: dimensions alone have indexes."""
    return result.drop_indexes([name for name in result.xindexes if name not in result.dims])
