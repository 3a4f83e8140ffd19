"""Root mean square normalisation over the last axis: PyTorch's and Keras' layers."""

from .._counterpart import composed


def pytorch(fw, x, scale, epsilon):
    layer = fw.torch.nn.RMSNorm(x.shape[-1], eps=epsilon, dtype=x.dtype)
    layer.load_state_dict({"weight": scale})
    fw.weight("scale", layer.weight)
    return layer(x)


def keras(fw, x, scale, epsilon):
    layer = fw.keras.layers.RMSNormalization(epsilon=epsilon)
    layer.build(x.shape)
    layer.set_weights([scale])
    fw.weight("scale", layer.scale)
    return layer(x)


@composed("TensorFlow has no such normalisation")
def tensorflow(fw, x, scale, epsilon):
    tf = fw.tf
    return x * tf.math.rsqrt(tf.reduce_mean(tf.square(x), axis=-1, keepdims=True) + epsilon) * scale


@composed("JAX has no such normalisation")
def jax(fw, x, scale, epsilon):
    jnp = fw.jnp
    return x * fw.jax.lax.rsqrt(jnp.mean(jnp.square(x), axis=-1, keepdims=True) + epsilon) * scale
