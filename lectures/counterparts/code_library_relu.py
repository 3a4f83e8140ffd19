"""ReLU, elementwise: each framework's own."""


def pytorch(fw, Z):
    return fw.torch.nn.ReLU()(Z)


def keras(fw, Z):
    return fw.keras.layers.Activation("relu")(Z)
