"""Gradient clipping by value. Keras' optimisers do it with the gradients that they are given."""

from ._clipping import keras_clipped, pytorch_clipped


def pytorch(fw, g, largest):
    return pytorch_clipped(fw, "clip_grad_value_", [g], largest)[0]


def keras(fw, g, largest):
    return keras_clipped(fw, [g], clipvalue=largest)[0]


def tensorflow(fw, g, largest):
    return fw.tf.clip_by_value(g, -largest, largest)


def jax(fw, g, largest):
    return fw.jnp.clip(g, -largest, largest)
