"""What counterparts of reductions share: "all" is no axis to the frameworks, and Keras may answer in another dtype."""

from .._counterpart import absent


def axis_or_none(axis):
    """The axis, or None for "all" of them."""
    return None if axis == "all" else axis


def in_dtype_of(fw, x, y):
    """y, a result of Keras; Absent where it is not of x's dtype, as for float64 on backends other than TensorFlow."""
    given, got = (fw.keras.backend.standardize_dtype(each.dtype) for each in (x, y))
    if given != got:
        raise absent(f"Keras answers in {got} to {given} on this backend")
    return y
