"""Slide 'Tuning Hyperparameters' with the run of 784-100-10: what call and printed numbers say by themselves."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import ball, digits
from .._listings import execute, listing
from .._outcome import Outcome, conventional, every, judged, observed
from ._programs_training import says, small_training
from .printed_run import PRINTED

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

RUN = Slide("Tuning Hyperparameters: 5_development.jpynb", 606)

EPOCHS, BATCH_SIZE, EXAMPLES, STEP = 10, 256, 60_000, 60
TRAINING_IMAGES = (EXAMPLES, 70_000)


def reported(every_batch: int) -> list[tuple[int, int]]:
    """Epoch and batch of each report of the whole run."""
    batches = ceil(EXAMPLES / BATCH_SIZE)
    return [(epoch, batch) for epoch in range(EPOCHS) for batch in range(0, batches, every_batch)]


@claim(
    229, RUN.at(609), "code", "holds",
    says="The call fits train's parameters, and Done. comes last.", printed="train(X_train, Y_train, X_test, Y_test,",
)  # fmt: skip
def call() -> Evidence:
    names = "X_train, Y_train, X_test, Y_test = X, Y, X_test, Y_test"
    stop = f"{names}\n{listing('004_train_call')}\nprint(len(reports), reports[0][2].shape, reports[0][3].shape)"
    run = small_training(stop)
    wanted = "Done. 10 (5, 100) (101, 3)"
    return judged(observed(says(run) == wanted, f"ten examples of four inputs are one batch an epoch: {says(run)}"))


@claim(
    230, RUN.at(631), "result", "holds",
    says="Done. is printed once training is over.", printed="Done.",
)  # fmt: skip
def done() -> Evidence:
    loud = "def train(*data, **settings):\n    print('trained', sorted(settings))"
    data = "X_train = Y_train = X_test = Y_test = None"
    run = execute(listing("004_train_call"), before=f"{data}\n{loud}")
    wanted = "trained ['batch_size', 'epochs', 'lr', 'n_hidden_nodes'] Done."
    return judged(observed(says(run) == wanted, says(run)))


@claim(
    231, RUN.at(618), "number", "holds",
    says="Batches 0, 60, 120 and 180 are the reported ones of an epoch: 60,000 images are 235 batches of 256.",
    printed="0-180 >",
)  # fmt: skip
def batches_of_an_epoch() -> Evidence:
    batches = ceil(EXAMPLES / BATCH_SIZE)
    whole = [(e, b) for e, b, *_ in PRINTED.values() if e in (0, 1, 9)]
    expected = [(e, b) for e in (0, 1, 9) for b in range(0, batches, STEP)]
    fits = [n for n in TRAINING_IMAGES if ceil(ceil(n / BATCH_SIZE) / STEP) == 4]
    last = EXAMPLES - (batches - 1) * BATCH_SIZE
    text = f"{batches} batches, the last of {last}; four reports an epoch fit {fits}, and not the 70,000 of line 464"
    return judged(observed(whole == expected and batches == 235 and fits == [EXAMPLES], text))


@claim(
    232, RUN.at(627), "number", "holds",
    says="The last reported epoch is number 9, that of ten counted from 0.", printed="9-180 >",
)  # fmt: skip
def last_epoch() -> Evidence:
    return judged(observed(reported(STEP)[-1] == (9, 180), f"the last report of ten epochs is {reported(STEP)[-1]}"))


@claim(
    233, RUN.at(624), "result", "convention",
    says="These lines are what the run prints.", printed="9-0 >",
    convention="a part of it: the lines from 2-60 to 8-180 are left out without a mark",
)  # fmt: skip
def lines_left_out() -> Evidence:
    printed = [(epoch, batch) for epoch, batch, *_ in PRINTED.values()]
    whole = reported(STEP)
    part = observed([r for r in whole if r in printed] == printed, f"{len(printed)} lines of the run, in its order")
    return conventional(part, observed(printed == whole, f"the run has {len(whole)} of them"))


@claim(
    234, RUN.at(616), "result", "convention",
    says="After 0-0 the next line is that of batch 60.", printed="0-60 >",
    convention="report prints every sixtieth batch only; line 547 calls it after each, and no slide prints it",
)  # fmt: skip
def every_sixtieth() -> Evidence:
    second = [(epoch, batch) for epoch, batch, *_ in PRINTED.values()][1]

    def said(step: int) -> Outcome:
        return observed(
            reported(step)[1] == second, f"of {len(reported(step))} lines the second is {reported(step)[1]}"
        )

    return conventional(said(STEP).about("a line every sixtieth batch"), said(1).about("a line at every call"))


def _multiples(of: int) -> Outcome:
    """Are all printed accuracies whole numbers of so many images?"""
    shares = [Fraction(accuracy) / 100 for *_, accuracy in PRINTED.values()]
    whole = [(share * of).denominator == 1 for share in shares]
    return observed(all(whole), f"{sum(whole)} of {len(whole)} accuracies are whole numbers of {of} images")


@claim(
    235, RUN.at(615), "number", "convention",
    says="The accuracies are shares of the set X_test of the call.", printed="Accuracy: 23.72%",
    convention="X_test has 5,000 images, half of MNIST's test set, as if the other half were the validation set; of "
      "10,000 images some of the thirteen accuracies would have an odd last digit",
)  # fmt: skip
def size_of_the_test_set() -> Evidence:
    odd = [a for *_, a in PRINTED.values() if int(a[-1]) % 2]
    chance = Fraction(1, 2 ** len(PRINTED))
    text = (
        f"accuracies of 10,000 images that 5,000 cannot have: {len(odd)} of {len(PRINTED)}, by chance 1 in {1 / chance}"
    )
    return conventional(every(_multiples(5_000), _multiples(10_000)), observed(bool(odd), text))


@claim(
    236, RUN.at(615), "number", "holds",
    says="Loss and accuracy of a line fit together: whatever is misread costs at least ln 2.",
    printed="Loss: 2.51126276",
)  # fmt: skip
def losses_and_accuracies() -> Evidence:
    # The right class of a misread image has a probability of at most 1/2.
    least = {line: ball(1 - Fraction(a) / 100) * ball(2).log() for line, (*_, a) in PRINTED.items()}
    short = [line for line, (_, _, loss, _) in PRINTED.items() if not ball(Fraction(loss)) >= least[line]]
    blind = digits(ball(10).log(), 5)
    text = f"no loss is below its bound; the first is above ln 10 = {blind}, that of ten equal probabilities"
    above = ball(Fraction(PRINTED[615][2])) > ball(10).log()
    return judged(observed(not short and above, text if not short else f"line {short[0]} is below its bound"))
