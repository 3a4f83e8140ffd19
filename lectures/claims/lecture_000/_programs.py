"""The lecture's listings run small: stand-ins for what they import, small sizes, and where each stands in the text."""

from __future__ import annotations

from .._listings import Run, execute, listing

AS_PRINTED = {
    "000_load": (328, 340),
    "000_functions": (348, 362),
    "000_settings": (369, 386),
    "000_batch": (394, 426),
    "000_test": (436, 438),
    "000_minibatch": (444, 487),
    "000_epochs": (493, 533),
}
"""The listings that stand here as printed, and their first and last line in the lecture's text."""

NUMPY_1 = "np.mat = np.asmatrix"
PLOTTING = "plt = types.SimpleNamespace(plot=lambda *a: None, show=lambda: None)"

_IMPORTS = """import sys, types, warnings
import numpy as np
warnings.simplefilter("ignore")
np.random.seed(0)
display = types.ModuleType("IPython.display")
display.clear_output = lambda wait=False: None
sys.modules.update({"IPython": types.ModuleType("IPython"), "IPython.display": display})"""

_DATA = """labels = np.arange(60) % 3
points = np.random.standard_normal((60, 4)) / 2 + np.eye(4)[labels]
targets = np.matrix(np.eye(3)[labels])
x_train, y_train, x_test, y_test = points[:40], targets[:40], points[40:], targets[40:]"""

_SMALL = {"Epoch=50": "Epoch=5", "60000": "40", "10000": "20", "784": "4", "512": "6", "NumClasses=10": "NumClasses=3"}


def _replaced(source: str, numbers: dict[str, str]) -> str:
    for printed, small in numbers.items():
        source = source.replace(printed, small)
    return source


def given(plotting: str = PLOTTING, numpy_1: str = NUMPY_1) -> str:
    """What a training listing is given: imports, 40 + 20 points of 3 classes, the lecture's functions and settings."""
    functions = listing("000_functions_meant")
    return "\n".join((_IMPORTS, plotting, numpy_1, functions, _DATA, _replaced(listing("000_settings"), _SMALL)))


def train(name: str, after: str, batch: int = 8, before: str = "", plotting: str = PLOTTING) -> Run:
    """A training listing on the small data with batches of that size."""
    source = listing(name).replace("Batch_size = 200", f"Batch_size = {batch}")
    return execute(source, before="\n".join((given(plotting), before)), after=after)


def load(after: str) -> Run:
    """The loading listing as meant, over a stand-in for tensorflow with 60 + 10 pictures."""
    fake = """tf = types.ModuleType("tensorflow")
pictures = lambda n: (np.full((n, 28, 28), 255, np.uint8), np.arange(n) % 10)
mnist = types.SimpleNamespace(load_data=lambda: (pictures(60), pictures(10)))
tf.keras = types.SimpleNamespace(datasets=types.SimpleNamespace(mnist=mnist))
sys.modules["tensorflow"] = tf"""
    small = _replaced(listing("000_load_meant"), {"60000": "60", "10000": "10"})
    return execute(small, before=f"{_IMPORTS}\n{fake}", after=after)


def functions(after: str, numpy_1: str = NUMPY_1) -> Run:
    """The listing of functions as meant, and what is asked of it."""
    return execute(listing("000_functions_meant"), before=f"{_IMPORTS}\n{numpy_1}", after=after)
