"""Slide 'Tuning Hyperparameters' with the printed losses and accuracies, and the accuracies that the homework asks for.

All of them were trained again on MNIST; what can be said of them without is in `run_consistency`.
"""

from __future__ import annotations

from .._claim import Claim, Evidence, Slide, recorder
from .._trained import ADDED, REPLACED, STATED, AtLeast, Figure, Near, Way, concluded, ranges

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

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


ALL_TEST = {"loss": "loss", "accuracy": "accuracy"}
SECOND_HALF = {"loss": "loss", "accuracy": "accuracy_second_half"}
OF_THE_RUN = (
    Way("bytes", "pixels from 0 to 255 as line 463 has them, all 10,000 test images", ALL_TEST, STATED),
    Way("unit", "pixels divided by 255, all test images", ALL_TEST, ADDED),
    Way("standardised", "pixels standardised, all test images", ALL_TEST, ADDED),
    Way("standardised", "pixels standardised, the last 5,000 test images", SECOND_HALF, ADDED),
)
STANDARDISED = (
    "pixels less their mean over the training images, divided by their deviation, and accuracy over the last 5,000 "
    "test images: neither is stated"
)


FIGURES = tuple(
    (Figure("loss", index, Near(float(loss))), Figure("accuracy", index, Near(float(accuracy) / 100)))
    for index, (*_, loss, accuracy) in enumerate(PRINTED.values())
)
"""Loss and accuracy of each line."""


def _line(index: int) -> Evidence:
    return concluded("004_run_of_100", FIGURES[index], OF_THE_RUN, run=[f for line in FIGURES for f in line])


for _index, (_at, (_epoch, _batch, _loss, _accuracy)) in enumerate(PRINTED.items()):
    claim(
        237 + _index, RUN.at(_at), "result", "convention",
        says=f"After batch {_batch} of epoch {_epoch} the loss is {_loss}, and {_accuracy} % are right.",
        printed=f"{_epoch}-{_batch} > Loss: {_loss}, Accuracy: {_accuracy}%", convention=STANDARDISED,
    )(lambda index=_index: _line(index))  # fmt: skip


RIGHT = {"accuracy": "accuracy"}
OF_HOMEWORK_1 = (
    Way("rate_0.01", "256 images an iteration", RIGHT, STATED),
    Way("rate_0.01_listed_backward", "256 images an iteration, no mask on the way back, as listed", RIGHT, STATED),
    Way("rate_0.01_1024_images", "1024 images an iteration", RIGHT, STATED),
    Way("rate_0.1", "a rate of 0.1, 256 images an iteration", RIGHT, REPLACED),
)


@claim(
    250, HOMEWORK_1.at(975), "result", "erratum",
    says="50 hidden nodes and 2000 iterations with lr 0.01 get 90 % of MNIST's test images right.",
    printed="to achieve at least 90%",
    corrected=f"{ranges('004_homework_1', 'rate_0.01', 'accuracy', -1)} with lr=0.01 of line 974; lr=0.1 gets "
      f"{ranges('004_homework_1', 'rate_0.1', 'accuracy', -1)}",
)  # fmt: skip
def ninety_percent() -> Evidence:
    return concluded("004_homework_1", (Figure("accuracy", -1, AtLeast(0.9)),), OF_HOMEWORK_1)


@claim(
    251, HOMEWORK_2.at(984), "result", "holds",
    says="With tuned hyperparameters 98 % are right.", printed="can achieve at least 98%",
)  # fmt: skip
def ninety_eight_percent() -> Evidence:
    tuned = Way("tuned", "hidden nodes, rate, batch size and epochs as tuned", RIGHT, STATED)
    return concluded("004_homework_2", (Figure("accuracy", -1, AtLeast(0.98)),), (tuned,))
