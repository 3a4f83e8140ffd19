"""Slides 'Homework #10-1' and '#10-2': what the tasks say that can be checked without MNIST.

The plot of the losses and the deadline have no record.
"""

from __future__ import annotations

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import derivative_at
from .._listings import execute, listing
from .._outcome import Outcome, conventional, judged, misread, observed
from ._pieces_training import mean_loss, network_points
from ._programs import NOT_PRINTED, program
from ._programs_training import DEEP_WEIGHTS, DROPOUT, gradients, says, small_training

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

FIRST = Slide("Homework #10-1", 968)
SECOND = Slide("Homework #10-2", 978)

CLAIMS += [
    uncheckable("004-376", SECOND.at(980), "A function configuration determines the hyperparameters.",
                "the function is not printed", "the function configuration"),
]  # fmt: skip


@claim(
    377, FIRST.at(971), "code", "convention",
    says="forward_dropout takes the place of forward.", printed="with forward_dropout and back_sigmoid",
    convention="in training only; it has no switch, and a test image would get another output each time",
)  # fmt: skip
def forward_for_tests() -> Evidence:
    before = "\n".join((NOT_PRINTED, DROPOUT, DEEP_WEIGHTS))
    calls = "first, second = (forward_dropout(np.ones((5, 25)), *weights)[0] for _ in range(2))"
    after = f"{calls}\nprint(np.array_equal(first, second), first.shape)"
    equal, shape = says(execute(listing("004_forward_dropout"), before=before, after=after)).split(maxsplit=1)
    return conventional(
        observed(shape == "(5, 5)", f"it gives outputs {shape}"),
        observed(equal == "True", f"are the outputs of two calls for the same input equal: {equal}"),
    )


@claim(
    378, FIRST.at(971), "code", "convention",
    says="The functions of the two-layer program can be replaced by those of the four-layer one.",
    printed="Replace the functions of forward and back",
    convention="initialize_weights and train are changed as well: they make, pass and update two weight matrices",
)  # fmt: skip
def two_matrices() -> Evidence:
    before = "\n".join((NOT_PRINTED, DROPOUT))
    call = "print(forward_dropout(np.ones((2, 25)), *weights)[0].shape)"
    source = f"{program('initialize_weights')}\n{listing('004_forward_dropout')}"
    two = execute(source, before=before, after=f"weights = initialize_weights(25, 20, 5)\n{call}")
    four = execute(source, before=f"{before}\n{DEEP_WEIGHTS}", after=call)
    return conventional(
        observed(says(four) == "(2, 5)", f"four matrices: outputs {says(four)}"),
        two.outcome.about("those of initialize_weights"),
    )


def _with_relu(back: str) -> Outcome:
    at = network_points("x", ("w1", "w2", "w3", "w4"))
    return derivative_at(mean_loss, gradients("004_forward_relu", back), at, by="w1 w2 w3 w4")


@claim(
    379, FIRST.at(972), "statement", "erratum",
    says="With back_sigmoid of task 1, the sigmoid is replaced by ReLU.",
    printed="Replace the sigmoid activation function in Lecture 10_4_testing.jpynb with ReLU",
    corrected="then the backward is that of line 914, with (h > 0) (and the mask); back_sigmoid is not ReLU's",
)  # fmt: skip
def relu_with_the_sigmoids_backward() -> Evidence:
    return judged(
        _with_relu("004_back_sigmoid").about("back_sigmoid after ReLU, without dropout"),
        _with_relu("004_back_relu").about("back of line 914"),
    )


@claim(
    380, FIRST.at(973), "statement", "holds",
    says="Pixels can be scaled to lie between 0 and 1: divided by 255.", printed="to be between 0 and 1",
)  # fmt: skip
def scaled_pixels() -> Evidence:
    scaled = np.arange(256, dtype=np.uint8) / 255
    ends = (float(scaled.min()), float(scaled.max()), len(np.unique(scaled)))
    return judged(observed(ends == (0.0, 1.0, 256), f"least, greatest and number of values of a byte: {ends}"))


@claim(
    381, FIRST.at(974), "code", "convention",
    says="Training takes n_hidden_nodes, iterations and lr.", printed="n_hidden_nodes=50, iterations=2000, lr=0.01",
    convention="10_4_testing has another train, which is not printed; that of line 533 counts epochs and wants a batch "
      "size",
)  # fmt: skip
def iterations() -> Evidence:
    call = "train(X, Y, X_test, Y_test, n_hidden_nodes=50, {}, lr=0.01)"
    printed = small_training(call.format("iterations=2000"))
    return conventional(
        small_training(call.format("epochs=20, batch_size=10")).outcome.about("with epochs and a batch size"),
        printed.outcome.about("with iterations"),
    )


@claim(
    382, SECOND.at(984), "statement", "transcription",
    says="The fourth hyperparameter is epochso.", printed="4. epochso that the accuracy",
    corrected="epochs, and on a new line: so that the accuracy",
)  # fmt: skip
def epochs() -> Evidence:
    def takes(name: str) -> Outcome:
        run = small_training(f"train(X, Y, X_test, Y_test, n_hidden_nodes=3, batch_size=4, lr=1, {name}=1)")
        return run.outcome.about(f"train with {name}")

    return misread(takes("epochso"), takes("epochs"))
