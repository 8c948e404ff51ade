"""The compiled code: numpy and numba alone."""
