"""Multi-head attention: each framework's layer. Layouts and masks: see `_attention`."""

from .._counterpart import absent, composed
from ._attention import closed, jax_attention, keras_attention, pytorch_sources, pytorch_state

tensorflow = absent("TensorFlow has no attention of its own: its Keras has")


def pytorch(fw, q, k, v, wq, bq, wk, wv, bv, wo, bo, mask, heads):
    layer = fw.torch.nn.MultiheadAttention(q.shape[2], heads, batch_first=True, dtype=q.dtype)
    layer.load_state_dict(pytorch_state(fw, wq, bq, wk, wv, bv, wo, bo))
    pytorch_sources(fw, layer)
    y, _ = layer(q, k, v, attn_mask=closed(mask, heads), need_weights=False)
    return y


def keras(fw, q, k, v, wq, bq, wk, wv, bv, wo, bo, mask, heads):
    return keras_attention(fw, q, k, v, wq, bq, wk, wv, bv, wo, bo, mask, heads)


@composed("JAX has no layers of its own: products around its own attention")
def jax(fw, q, k, v, wq, bq, wk, wv, bv, wo, bo, mask, heads):
    return jax_attention(fw, q, k, v, wq, bq, wk, wv, bv, wo, bo, mask, heads)
