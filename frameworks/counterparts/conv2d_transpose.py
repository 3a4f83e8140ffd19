"""Transposed convolution. Kernels: reference and PyTorch (in, out, K, L); Keras and TensorFlow (K, L, out, in)."""

from ._images import channels_first, channels_last, margins, symmetric


def _frame(x, w, stride, padding):
    """What a convolution from y to x would pad, and the rows and columns of y."""
    kernel, scaled = w.shape[2:], [n * stride for n in x.shape[2:]]
    around = margins(scaled, kernel, stride, padding)
    if padding == "same":
        return around, scaled
    return around, [n - stride + k - sum(a) for n, k, a in zip(scaled, kernel, around, strict=True)]


def _kernel_last(transpose, w):
    return transpose(w, [2, 3, 1, 0])


def pytorch(fw, x, w, b, stride, padding):
    around, sizes = _frame(x, w, stride, padding)
    whole = [(n - 1) * stride + k for n, k in zip(x.shape[2:], w.shape[2:], strict=True)]
    # Rows that no kernel reaches come after the last one; PyTorch calls them output padding.
    beyond = [n + sum(a) - m for n, a, m in zip(sizes, around, whole, strict=True)]
    fits = symmetric(around)
    layer = fw.torch.nn.ConvTranspose2d(
        *w.shape[:2],
        w.shape[2:],
        stride,
        tuple(before for before, _ in around) if fits else 0,
        beyond,
        dtype=x.dtype,
    )
    layer.load_state_dict({"weight": w, "bias": b})
    fw.weight("w", layer.weight)
    fw.weight("b", layer.bias)
    if fits:
        return layer(x)
    fw.composed("PyTorch cuts off alike on both sides; the odd row of 'same' is cut off after it")
    (top, _), (left, _) = around
    return layer(x)[:, :, top : top + sizes[0], left : left + sizes[1]]


def keras(fw, x, w, b, stride, padding):
    transpose = fw.ops.transpose
    image = channels_last(transpose, x)
    rows, columns = _frame(x, w, stride, padding)[1]
    cut = 0 if isinstance(padding, str) else padding
    layer = fw.keras.layers.Conv2DTranspose(
        w.shape[1], tuple(w.shape[2:]), strides=stride, padding=padding if isinstance(padding, str) else "valid"
    )
    layer.build(image.shape)
    layer.set_weights([_kernel_last(transpose, w), b])
    fw.weight("w", layer.kernel, back=lambda g: transpose(g, [3, 2, 0, 1]))
    fw.weight("b", layer.bias)
    y = layer(image)
    if padding == "valid" and tuple(y.shape[1:3]) != (rows, columns):
        fw.composed("with a kernel smaller than the stride Keras adds rows that no kernel reaches; they are cut off")
    elif cut:
        fw.composed("Keras cuts off nothing or what 'same' says; the rows are cut off after it")
    return channels_first(transpose, y[:, cut : cut + rows, cut : cut + columns])


def tensorflow(fw, x, w, b, stride, padding):
    tf = fw.tf
    sizes = _frame(x, w, stride, padding)[1]
    if isinstance(padding, str):
        at = padding.upper()
    else:
        at = [(0, 0), (padding, padding), (padding, padding), (0, 0)]
    image, kernels = channels_last(tf.transpose, x), _kernel_last(tf.transpose, w)
    y = tf.nn.conv2d_transpose(image, kernels, [x.shape[0], *sizes, w.shape[1]], stride, at)
    return channels_first(tf.transpose, tf.nn.bias_add(y, b))


def jax(fw, x, w, b, stride, padding):
    around, sizes = _frame(x, w, stride, padding)
    # The convolution of the stretched x with the kernels turned over; lax.conv_transpose pads "SAME" in its own way.
    reach = [
        (k - 1 - before, n - (m - 1) * stride - 1 + before)
        for k, (before, _), n, m in zip(w.shape[2:], around, sizes, x.shape[2:], strict=True)
    ]
    y = fw.jax.lax.conv_transpose(
        x, w, (stride, stride), reach, dimension_numbers=("NCHW", "OIHW", "NCHW"), transpose_kernel=True
    )
    return y + b.reshape(-1, 1, 1)
