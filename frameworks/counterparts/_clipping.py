"""Gradients clipped by a framework's own function."""


def pytorch_clipped(fw, function, gradients, largest):
    """The gradients after torch.nn.utils' `function`, which changes them in place."""
    torch = fw.torch
    parameters = [torch.nn.Parameter(torch.zeros_like(g)) for g in gradients]
    for parameter, g in zip(parameters, gradients, strict=True):
        parameter.grad = g.clone()
    getattr(torch.nn.utils, function)(parameters, largest)
    return tuple(parameter.grad for parameter in parameters)


def keras_clipped(fw, gradients, **bound):
    """The gradients as an optimiser of Keras applies them: its rate is one, and the parameters were zero."""
    optimiser = fw.keras.optimizers.SGD(learning_rate=1.0, **bound)
    variables = [fw.keras.Variable(fw.ops.zeros_like(g)) for g in gradients]
    optimiser.apply(gradients, variables)
    return tuple(-fw.ops.convert_to_tensor(variable) for variable in variables)
