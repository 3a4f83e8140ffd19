"""Sigmoid, elementwise: each framework's own."""


def pytorch(fw, Z):
    return fw.torch.nn.Sigmoid()(Z)


def keras(fw, Z):
    return fw.keras.layers.Activation("sigmoid")(Z)
