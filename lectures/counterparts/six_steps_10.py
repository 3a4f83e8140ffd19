"""Three dense layers with sigmoids under binary cross-entropy with logarithms of base 10."""

import math

from . import six_steps_natural


def pytorch(fw, **inputs):
    return six_steps_natural.pytorch(fw, **inputs) / math.log(10)


def keras(fw, **inputs):
    return six_steps_natural.keras(fw, **inputs) / math.log(10)
