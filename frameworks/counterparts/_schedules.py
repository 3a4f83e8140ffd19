"""Learning-rate schedules: PyTorch's, stepped from the start; Keras', asked for the step."""

from .._counterpart import absent

NO_TENSORFLOW = absent("TensorFlow's own schedules are those of Keras")
NO_JAX = absent("JAX has no learning-rate schedules of its own, only examples of them: jax.example_libraries")


def pytorch_rates(fw, rate, step, kind, **details):
    """Each rate after `step` steps of torch.optim.lr_scheduler's `kind`; details: numbers, or functions of the rate."""
    torch, rates = fw.torch, []
    for initial in rate.tolist():
        optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=initial)
        given = {name: value(initial) if callable(value) else value for name, value in details.items()}
        schedule = getattr(torch.optim.lr_scheduler, kind)(optimiser, **given)
        for _ in range(step):
            optimiser.step()
            schedule.step()
        rates.append(optimiser.param_groups[0]["lr"])
    return torch.tensor(rates, dtype=rate.dtype)


def keras_rates(fw, rate, step, kind, **details):
    """The rates at `step` of keras.optimizers.schedules' `kind`, of a vector of initial ones."""
    return getattr(fw.keras.optimizers.schedules, kind)(rate, **details)(step)
