"""Radial basis functions. No framework has such a layer."""

from .._counterpart import composed

WHY = "no framework has a layer of radial basis functions"


@composed(WHY)
def pytorch(fw, x, centres, widths):
    z = (x[:, None] - centres) / widths[:, None]
    return fw.torch.exp(-(z * z).sum(dim=2) / 2)


@composed(WHY)
def keras(fw, x, centres, widths):
    z = (x[:, None] - centres) / widths[:, None]
    return fw.ops.exp(-fw.ops.sum(z * z, axis=2) / 2)


@composed(WHY)
def tensorflow(fw, x, centres, widths):
    z = (x[:, None] - centres) / widths[:, None]
    return fw.tf.exp(-fw.tf.reduce_sum(z * z, axis=2) / 2)


@composed(WHY)
def jax(fw, x, centres, widths):
    z = (x[:, None] - centres) / widths[:, None]
    return fw.jnp.exp(-(z * z).sum(axis=2) / 2)
