"""Slide 'Just calculate the loss and accuracy after each epoch': the printed accuracies, trained again on MNIST."""

from __future__ import annotations

from .._claim import Claim, Evidence, Slide, recorder
from .._trained import REPLACED, STATED, Figure, Near, Way, concluded, ranges

CLAIMS: list[Claim] = []
claim = recorder("000", CLAIMS)

EPOCHS = Slide("#### Just calculate the loss and accuracy after each epoch", 490)
ACCURACIES = {538: "0.8762", 540: "0.9013", 542: "0.9136", 544: "0.9165", 546: "0.9251"}
"""By line of the text, after the epochs 0 to 4."""

RECORD = "000_mini_batches"
WAYS = (
    Way("rate_0.5", "the rate 0.5 of line 369", {"accuracy": "accuracy"}, STATED),
    Way("rate_0.1", "a rate of 0.1", {"accuracy": "accuracy"}, REPLACED),
)


FIGURES = tuple(Figure("accuracy", epoch, Near(float(printed))) for epoch, printed in enumerate(ACCURACIES.values()))


def _after(epoch: int) -> Evidence:
    return concluded(RECORD, FIGURES[epoch : epoch + 1], WAYS, run=FIGURES)


for _epoch, (_line, _printed) in enumerate(ACCURACIES.items()):
    claim(
        87 + _epoch, EPOCHS.at(_line), "result", "erratum", printed=_printed,
        says=f"The test accuracy after epoch {_epoch} is {_printed}, with the settings of the lines 369 to 386.",
        corrected=f"{ranges(RECORD, 'rate_0.5', 'accuracy', _epoch)} at the rate 0.5 of line 369; a rate of 0.1 gives "
          f"{ranges(RECORD, 'rate_0.1', 'accuracy', _epoch)}",
    )(lambda epoch=_epoch: _after(epoch))  # fmt: skip
