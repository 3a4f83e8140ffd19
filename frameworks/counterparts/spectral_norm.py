"""Spectral normalisation with given singular vectors: PyTorch's parametrisation, out of training."""

from .._counterpart import absent, composed

keras = absent("Keras' layer assigns the normalised kernel to its weight: no gradient flows through the norm")


def pytorch(fw, w, u, v):
    nn = fw.torch.nn
    outputs, inputs = w.shape
    layer = nn.utils.parametrizations.spectral_norm(nn.Linear(inputs, outputs, bias=False, dtype=w.dtype)).eval()
    of_weight = "parametrizations.weight"
    layer.load_state_dict({f"{of_weight}.original": w, f"{of_weight}.0._u": u, f"{of_weight}.0._v": v})
    fw.weight("w", layer.parametrizations.weight.original)
    return layer.weight


@composed("TensorFlow has no spectral normalisation")
def tensorflow(fw, w, u, v):
    return w / fw.tf.tensordot(u, fw.tf.linalg.matvec(w, v), axes=1)


@composed("JAX has no spectral normalisation")
def jax(fw, w, u, v):
    return w / fw.jnp.dot(u, fw.jnp.matmul(w, v))
