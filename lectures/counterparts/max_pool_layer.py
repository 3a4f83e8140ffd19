"""Max pooling over 2 x 2 pixels that do not overlap."""


def pytorch(fw, x):
    return fw.torch.nn.MaxPool2d(2)(x)


def keras(fw, x):
    pooled = fw.keras.layers.MaxPooling2D(2, data_format="channels_last")(fw.ops.transpose(x, (0, 2, 3, 1)))
    return fw.ops.transpose(pooled, (0, 3, 1, 2))
