"""Weight normalisation, a length for each row: PyTorch's parametrisation of a layer's weight."""

from .._counterpart import composed

LEAST = 5e-324  # Keras divides by its epsilon, so that it cannot be zero


def pytorch(fw, v, g):
    nn = fw.torch.nn
    outputs, inputs = v.shape
    layer = nn.utils.parametrizations.weight_norm(nn.Linear(inputs, outputs, bias=False, dtype=v.dtype))
    layer.load_state_dict({"parametrizations.weight.original0": g[:, None], "parametrizations.weight.original1": v})
    fw.weight("g", layer.parametrizations.weight.original0, back=lambda gradient: gradient[:, 0])
    fw.weight("v", layer.parametrizations.weight.original1)
    return layer.weight


@composed("Keras normalises vectors; it has no weight normalisation")
def keras(fw, v, g):
    return fw.ops.normalize(v, axis=1, order=2, epsilon=LEAST) * g[:, None]


@composed("TensorFlow normalises vectors; it has no weight normalisation")
def tensorflow(fw, v, g):
    return fw.tf.math.l2_normalize(v, axis=1, epsilon=0.0) * g[:, None]


@composed("JAX has no weight normalisation")
def jax(fw, v, g):
    return v / fw.jnp.linalg.norm(v, axis=1, keepdims=True) * g[:, None]
