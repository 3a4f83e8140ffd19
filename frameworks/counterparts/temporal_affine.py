"""Affine map at every step of a sequence: each framework's fully connected layer, which takes any number of axes."""


def pytorch(fw, x, w, b):
    layer = fw.torch.nn.Linear(*w.shape, dtype=w.dtype)
    layer.load_state_dict({"weight": w.T, "bias": b})
    fw.weight("w", layer.weight, back=lambda gradient: gradient.T)
    fw.weight("b", layer.bias)
    return layer(x)


def keras(fw, x, w, b):
    layer = fw.keras.layers.Dense(w.shape[1])
    layer.build(x.shape)
    layer.set_weights([w, b])
    fw.weight("w", layer.kernel)
    fw.weight("b", layer.bias)
    return layer(x)


def tensorflow(fw, x, w, b):
    return fw.tf.nn.bias_add(fw.tf.linalg.matmul(x, w), b)


def jax(fw, x, w, b):
    return fw.jnp.matmul(x, w) + b
