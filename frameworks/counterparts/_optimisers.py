"""One step of a framework's own optimiser, with its state loaded: parameters and state after it."""

from .._counterpart import absent

NO_JAX = absent("JAX has no optimisers of its own, only examples of them: jax.example_libraries")


def pytorch_step(fw, kind, p, g, state, step=1, **hyper):
    """(parameters, state) after a step of torch.optim's `kind`; step: the number of this step, from 1."""
    torch = fw.torch
    parameter = torch.nn.Parameter(p.clone())
    parameter.grad = g.clone()
    optimiser = getattr(torch.optim, kind)([parameter], **hyper)
    # Not by load_state_dict, which would make every state one of the parameters' dtype.
    optimiser.state[parameter] = {name: x.clone() for name, x in state.items()}
    if kind != "SGD":
        optimiser.state[parameter]["step"] = torch.tensor(float(step - 1))
    optimiser.step()
    return parameter, optimiser.state[parameter]


def keras_step(fw, kind, p, g, state, step=1, product=1.0, **hyper):
    """(parameters, state) after a step of keras.optimizers' `kind`; state: by the optimiser's attribute.

    product: of the momentum's factors so far, where the optimiser is Nadam.
    """
    optimiser = getattr(fw.keras.optimizers, kind)(**hyper)
    variable = fw.keras.Variable(p)
    optimiser.build([variable])
    for name, x in state.items():
        getattr(optimiser, name)[0].assign(x)
    optimiser.iterations.assign(step - 1)
    if kind == "Nadam":
        optimiser._u_product.assign(product)
    optimiser.apply([g], [variable])
    after = fw.ops.convert_to_tensor
    return after(variable), {name: after(getattr(optimiser, name)[0]) for name in state}


def tensorflow_step(fw, kernel, p, g, state, **hyper):
    """(parameters, states ...) after TensorFlow's own training kernel `kernel`; state: by the kernel's argument."""
    tf = fw.tf
    variables = {name: tf.Variable(x) for name, x in {"var": p, **state}.items()}
    numbers = {name: tf.constant(x, dtype=p.dtype) for name, x in hyper.items() if not isinstance(x, bool)}
    switches = {name: x for name, x in hyper.items() if isinstance(x, bool)}
    handles = {name: variable.handle for name, variable in variables.items()}
    gradient = {"delta" if kernel == "ResourceApplyGradientDescent" else "grad": g}
    getattr(tf.raw_ops, kernel)(**handles, **numbers, **switches, **gradient)
    return tuple(variable.read_value() for variable in variables.values())
