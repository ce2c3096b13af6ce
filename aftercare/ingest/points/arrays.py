"""Columns of points in memory."""

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.uint64]
Times = NDArray[np.int64]
Values = NDArray[np.float64]
