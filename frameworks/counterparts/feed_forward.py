"""The feed-forward block: two fully connected layers of each framework, and its activation between them."""

from .._counterpart import composed


def pytorch(fw, x, w1, b1, w2, b2, activation):
    nn = fw.torch.nn
    network = nn.Sequential(
        nn.Linear(*w1.shape, dtype=w1.dtype),
        nn.ReLU() if activation == "relu" else nn.GELU(),
        nn.Linear(*w2.shape, dtype=w2.dtype),
    )
    network.load_state_dict({"0.weight": w1.T, "0.bias": b1, "2.weight": w2.T, "2.bias": b2})
    for number, layer in (("1", network[0]), ("2", network[2])):
        fw.weight(f"w{number}", layer.weight, back=lambda gradient: gradient.T)
        fw.weight(f"b{number}", layer.bias)
    return network(x)


def keras(fw, x, w1, b1, w2, b2, activation):
    layers = fw.keras.layers
    network = fw.keras.Sequential([layers.Dense(w1.shape[1], activation=activation), layers.Dense(w2.shape[1])])
    network.build(x.shape)
    network.set_weights([w1, b1, w2, b2])
    for number, layer in zip("12", network.layers, strict=True):
        fw.weight(f"w{number}", layer.kernel)
        fw.weight(f"b{number}", layer.bias)
    return network(x)


@composed("TensorFlow's own layers are those of Keras: matmul, bias_add and its activations")
def tensorflow(fw, x, w1, b1, w2, b2, activation):
    tf = fw.tf
    hidden = tf.nn.bias_add(tf.linalg.matmul(x, w1), b1)
    hidden = tf.nn.relu(hidden) if activation == "relu" else tf.nn.gelu(hidden, approximate=False)
    return tf.nn.bias_add(tf.linalg.matmul(hidden, w2), b2)


@composed("JAX has no layers of its own")
def jax(fw, x, w1, b1, w2, b2, activation):
    hidden = x @ w1 + b1
    hidden = fw.nn.relu(hidden) if activation == "relu" else fw.nn.gelu(hidden, approximate=False)
    return hidden @ w2 + b2
