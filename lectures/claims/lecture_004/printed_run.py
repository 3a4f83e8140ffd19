"""Slide 'Tuning Hyperparameters' with the printed losses and accuracies, and the accuracies that the homework asks for.

All of them need MNIST and a training run; what can be said of them without is in `run_consistency`.
"""

from __future__ import annotations

from .._claim import Claim, Slide

RUN = Slide("Tuning Hyperparameters: 5_development.jpynb", 606)
HOMEWORK_1 = Slide("Homework #10-1", 968)
HOMEWORK_2 = Slide("Homework #10-2", 978)

PRINTED = {
    615: (0, 0, "2.51126276", "23.72"),
    616: (0, 60, "0.33310378", "93.48"),
    617: (0, 120, "0.30845169", "93.60"),
    618: (0, 180, "0.23942956", "95.40"),
    619: (1, 0, "0.20253645", "95.98"),
    620: (1, 60, "0.17660872", "96.48"),
    621: (1, 120, "0.17063644", "96.62"),
    622: (1, 180, "0.15613097", "96.96"),
    623: (2, 0, "0.14175469", "97.18"),
    624: (9, 0, "0.04812531", "98.38"),
    625: (9, 60, "0.04472160", "98.40"),
    626: (9, 120, "0.04300803", "98.52"),
    627: (9, 180, "0.04358591", "98.28"),
}
"""Line of the text: epoch, batch, loss, and accuracy in per cent."""

NEEDS_MNIST = (
    "needs MNIST: these checks carry no images, and neither the seed nor the scale of the pixels nor which examples "
    "loss and accuracy are taken of is printed"
)
NEEDS_RUN = "needs MNIST: these checks carry no images, and the homework's network is not printed whole"

CLAIMS: list[Claim] = [
    Claim(
        f"004-{number:03}", RUN.at(line),
        f"After batch {batch} of epoch {epoch} the loss is {loss}, and {accuracy} % are right.",
        "result", "uncheckable", printed=f"{epoch}-{batch} > Loss: {loss}, Accuracy: {accuracy}%", reason=NEEDS_MNIST,
    )
    for number, (line, (epoch, batch, loss, accuracy)) in enumerate(PRINTED.items(), start=237)
]  # fmt: skip

CLAIMS += [
    Claim("004-250", HOMEWORK_1.at(975), "50 hidden nodes and 2000 iterations with lr 0.01 get 90 % of MNIST's test "
          "images right.", "result", "uncheckable", printed="to achieve at least 90%", reason=NEEDS_RUN),
    Claim("004-251", HOMEWORK_2.at(984), "With tuned hyperparameters 98 % are right.", "result", "uncheckable",
          printed="can achieve at least 98%", reason=NEEDS_RUN),
]  # fmt: skip
