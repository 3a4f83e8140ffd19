"""What the counterparts of the transformer's layers share: their normalisation and feed-forward block.

PyTorch has whole layers. Keras has none of its own (KerasHub has), JAX has none: built of their attention.
"""

from ._attention import jax_attention, keras_attention, pytorch_sources, pytorch_state
from .feed_forward import jax as jax_feed_forward

EPSILON = 1e-5


def load_pytorch(fw, layer, attentions, block, norms):
    """Weights into PyTorch's layer: attentions and norms by the layer's names, the block's as (w1, b1, w2, b2)."""
    state = {}
    for name, weights in attentions.items():
        state |= {f"{name}.{key}": w for key, w in pytorch_state(fw, *weights).items()}
    for number, (scale, shift) in enumerate(norms, start=1):
        state |= {f"norm{number}.weight": scale, f"norm{number}.bias": shift}
        fw.weight(f"scale{number}", getattr(layer, f"norm{number}").weight)
        fw.weight(f"shift{number}", getattr(layer, f"norm{number}").bias)
    w1, b1, w2, b2 = block
    state |= {"linear1.weight": w1.T, "linear1.bias": b1, "linear2.weight": w2.T, "linear2.bias": b2}
    for number, linear in (("1", layer.linear1), ("2", layer.linear2)):
        fw.weight(f"w{number}", linear.weight, back=lambda gradient: gradient.T)
        fw.weight(f"b{number}", linear.bias)
    layer.load_state_dict(state)
    for name, end in zip(attentions, ("", "m"), strict=False):
        pytorch_sources(fw, getattr(layer, name), end)


def residual(x, block, normalise, norm):
    """norm(x + block(x)), or x + block(norm(x)), with the framework's own normalisation."""
    return x + block(normalise(x)) if norm == "before" else normalise(x + block(x))


def keras_norm(fw, scale, shift, number):
    """Keras' layer normalisation with these weights."""
    layer = fw.keras.layers.LayerNormalization(epsilon=EPSILON)
    layer.build((None, None, scale.shape[0]))
    layer.set_weights([scale, shift])
    fw.weight(f"scale{number}", layer.gamma)
    fw.weight(f"shift{number}", layer.beta)
    return layer


def keras_self_attention(fw, weights, mask, heads):
    """Keras' attention of a sequence to itself, as a block."""
    return lambda z: keras_attention(fw, z, z, z, *weights, mask, heads)


def keras_cross_attention(fw, memory, weights, mask, heads):
    """Keras' attention of a sequence to a memory, as a block."""
    return lambda z: keras_attention(fw, z, memory, memory, *weights, mask, heads, "m")


def jax_norm(fw, scale, shift):
    """Layer normalisation in JAX, which has none of its own: standardize is."""
    return lambda z: fw.nn.standardize(z, axis=-1, epsilon=EPSILON) * scale + shift


def jax_block(fw, block):
    """The feed-forward block in JAX."""
    return lambda z: jax_feed_forward(fw, z, *block, "relu")


def jax_self_attention(fw, weights, mask, heads):
    """JAX' attention of a sequence to itself, as a block."""
    return lambda z: jax_attention(fw, z, z, z, *weights, mask, heads)


def jax_cross_attention(fw, memory, weights, mask, heads):
    """JAX' attention of a sequence to a memory, as a block."""
    return lambda z: jax_attention(fw, z, memory, memory, *weights, mask, heads)
