"""Scaled dot-product attention: each framework's own. Keras and JAX take (N, T, heads, D); here is one head."""

from .._counterpart import absent

tensorflow = absent("TensorFlow has no attention of its own: its Keras has")


def pytorch(fw, q, k, v, mask):
    return fw.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)


def keras(fw, q, k, v, mask):
    if fw.keras.backend.backend() == "jax" and v.shape[2] != q.shape[2]:
        raise absent("on JAX, Keras' attention wants values as wide as the keys")
    y = fw.ops.dot_product_attention(q[:, :, None], k[:, :, None], v[:, :, None], mask=mask[:, None])
    return y[:, :, 0]


def jax(fw, q, k, v, mask):
    if v.shape[2] != q.shape[2]:
        fw.composed("JAX's attention wants values as wide as the keys: a softmax of its own over the allowed keys")
        scores = fw.jnp.einsum("ntd,nkd->ntk", q, k) / q.shape[2] ** 0.5
        return fw.nn.softmax(scores, axis=-1, where=mask) @ v
    return fw.nn.dot_product_attention(q[:, :, None], k[:, :, None], v[:, :, None], mask=mask[:, None])[:, :, 0]
