"""Euclidean norm along an axis, or of everything."""

from ._reducing import axis_or_none, in_dtype_of


def pytorch(fw, x, axis):
    return fw.torch.linalg.vector_norm(x, dim=axis_or_none(axis))


def keras(fw, x, axis):
    if axis == "all":  # which it knows of vectors and matrices only
        return in_dtype_of(fw, x, fw.ops.norm(fw.ops.reshape(x, [-1])))
    return in_dtype_of(fw, x, fw.ops.norm(x, axis=axis))


def tensorflow(fw, x, axis):
    return fw.tf.norm(x, axis=axis_or_none(axis))


def jax(fw, x, axis):
    return fw.jnp.linalg.norm(x if axis != "all" else x.ravel(), axis=axis_or_none(axis))
