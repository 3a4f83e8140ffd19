"""Each framework's convolution layer with given kernels (F, C, R, S) and images (N, C, rows, columns)."""


def pytorch_convolution(fw, x, kernels, biases):
    """nn.Conv2d, which has this layout."""
    filters, channels, *size = kernels.shape
    layer = fw.torch.nn.Conv2d(channels, filters, size, dtype=kernels.dtype)
    layer.load_state_dict({"weight": kernels, "bias": biases})
    fw.weight("kernels", layer.weight)
    fw.weight("biases", layer.bias)
    return layer(x)


def keras_convolution(fw, x, kernels, biases):
    """layers.Conv2D, channels last on both sides; returns (N, rows, columns, F)."""
    ops = fw.ops
    layer = fw.keras.layers.Conv2D(kernels.shape[0], tuple(kernels.shape[2:]), data_format="channels_last")
    last = ops.transpose(x, (0, 2, 3, 1))
    layer.build(last.shape)
    layer.set_weights([ops.transpose(kernels, (2, 3, 1, 0)), biases])
    fw.weight("kernels", layer.kernel, back=lambda gradient: ops.transpose(gradient, (3, 2, 0, 1)))
    fw.weight("biases", layer.bias)
    return layer(last)
