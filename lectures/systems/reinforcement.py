"""A network learns its way through a small grid from reward and punishment alone: policy gradient (REINFORCE)."""

import numpy as np

from gradproof.reference.affine import affine_backward, affine_forward
from gradproof.reference.log_softmax import log_softmax_backward, log_softmax_forward
from gradproof.reference.softmax import softmax_forward
from gradproof.reference.tanh import tanh_backward, tanh_forward

from .. import plotting
from .._system import Gradient, Outcome, Run, System
from ..training import descend
from ._points import normal

# Small, so that chance finds the goal in a few per cent of the first episodes: where it hardly ever does, the learner
# stops at avoiding the pits. s: start; g: goal, reward 1; x: pit, punishment 1; each move costs STEP. An episode ends
# at the goal and at a pit, or after LIMIT moves.
GRID = ("s...x", ".x...", "....g")
ROWS, COLUMNS = len(GRID), len(GRID[0])
MOVES = np.array([[-1, 0], [0, 1], [1, 0], [0, -1]])  # up, right, down, left
CELLS = np.array([list(row) for row in GRID])
STEP, DISCOUNT, LIMIT = 0.02, 0.95, 40
HIDDEN, EPISODES, RATE = 16, 32, 1.0
NAMES = ("w1", "b1", "w2", "b2")


def policy_forward(x, w1, b1, w2, b2):
    """log pi(action | x), (N, A), of affine, tanh, affine, softmax; x: (N, D), one cell a row, one-hot."""
    hidden, at_affine1 = affine_forward(x, w1, b1)
    active, at_tanh = tanh_forward(hidden)
    scores, at_affine2 = affine_forward(active, w2, b2)
    log_pi, at_softmax = log_softmax_forward(scores)
    return log_pi, (at_affine1, at_tanh, at_affine2, at_softmax)


def policy_backward(dlog_pi, cache):
    """dx, dw1, db1, dw2, db2."""
    at_affine1, at_tanh, at_affine2, at_softmax = cache
    (dscores,) = log_softmax_backward(dlog_pi, at_softmax)
    dactive, dw2, db2 = affine_backward(dscores, at_affine2)
    (dhidden,) = tanh_backward(dactive, at_tanh)
    return *affine_backward(dhidden, at_affine1), dw2, db2


def reinforce_forward(x, w1, b1, w2, b2, actions, returns):
    """Minus the mean of return times log pi(action taken): there is no target, and the value itself means nothing.

    Its gradient is what counts: going down it makes an action likelier where its return is above zero, and less
    likely below. actions: (N,), integers; returns: (N,), held constant.
    """
    log_pi, at_policy = policy_forward(x, w1, b1, w2, b2)
    rows = np.arange(len(x))
    return -(returns * log_pi[rows, actions]).sum() / len(x), (at_policy, actions, returns, log_pi.shape)


def reinforce_backward(dloss, cache):
    """dx, dw1, db1, dw2, db2."""
    at_policy, actions, returns, (n, choices) = cache
    taken = np.arange(choices) == actions[:, None]
    return policy_backward(-dloss / n * returns[:, None] * taken, at_policy)


def expected_reward_forward(scores, rewards):
    """sum over a of pi(a) rewards[a] with pi = softmax(scores); both (N, A), y (N,). The rewards are constant."""
    pi, _ = softmax_forward(scores)
    return (pi * rewards).sum(axis=1), (pi, rewards)


def expected_reward_backward(dy, cache):
    """The step of REINFORCE, reward times gradient of log pi(a), averaged over the actions as pi draws them.

    That this is the gradient of the expected reward is why the learner may go by single draws.
    """
    pi, rewards = cache
    actions = np.arange(pi.shape[1])
    slopes = (actions[:, None] == actions) - pi[:, None, :]  # of log pi(a), a down the second axis
    return (dy[:, None] * ((pi * rewards)[:, :, None] * slopes).sum(axis=1),)


def one_hot(cells):
    """Positions (N, 2) as rows (N, ROWS * COLUMNS) with a single one."""
    return np.eye(ROWS * COLUMNS)[cells[:, 0] * COLUMNS + cells[:, 1]]


def play(p, episodes, rng):
    """Episodes side by side from the start; lists over time of cells (n, 2), actions (n,), rewards (n,), running (n,).

    Rows of an episode that has ended go on, marked as not running, with reward zero.
    """
    cells = np.tile(np.argwhere(CELLS == "s"), (episodes, 1))
    running = np.ones(episodes, dtype=bool)
    played = []
    while running.any() and len(played) < LIMIT:
        pi = np.exp(policy_forward(one_hot(cells), *(p[n] for n in NAMES))[0])
        actions = (rng.random((episodes, 1)) > pi.cumsum(axis=1)[:, :-1]).sum(axis=1)
        new = np.clip(cells + MOVES[actions], 0, (ROWS - 1, COLUMNS - 1))
        reached = CELLS[new[:, 0], new[:, 1]]
        rewards = running * ((reached == "g") * 1.0 - (reached == "x") * 1.0 - STEP)
        played.append((cells, actions, rewards, running))
        running = running & (reached != "g") & (reached != "x")
        cells = np.where(running[:, None], new, cells)
    return played


def step(p, played):
    """One loss and its gradients from what was played: each action is weighed by its return, less the mean return."""
    cells, actions, rewards, running = (np.array(part) for part in zip(*played, strict=True))
    returns = [np.zeros(rewards.shape[1])]
    for reward in rewards[::-1]:
        returns.append(reward + DISCOUNT * returns[-1])
    weights = np.array(returns[:0:-1])[running]
    loss, cache = reinforce_forward(
        one_hot(cells[running]), *(p[n] for n in NAMES), actions[running], weights - weights.mean()
    )
    _, *gradients = reinforce_backward(1.0, cache)
    return loss, dict(zip(NAMES, gradients, strict=True)), rewards.sum(axis=0)


def initial(rng):
    return {
        "w1": 0.5 * rng.standard_normal((ROWS * COLUMNS, HIDDEN)),
        "b1": np.zeros(HIDDEN),
        "w2": 0.1 * rng.standard_normal((HIDDEN, len(MOVES))),
        "b2": np.zeros(len(MOVES)),
    }


def fewest_moves():
    """From the start to the goal past the pits, by widening rings of cells."""
    ring, moves = {tuple(cell) for cell in np.argwhere(CELLS == "s").tolist()}, 0
    (goal,) = (tuple(cell) for cell in np.argwhere(CELLS == "g").tolist())
    while goal not in ring:
        around = {(r + up, c + across) for r, c in ring for up, across in MOVES.tolist()} | ring
        ring = {(r, c) for r, c in around if 0 <= r < ROWS and 0 <= c < COLUMNS and GRID[r][c] != "x"}
        moves += 1
    return moves


def visits(played):
    """How often each cell was left, as a share of all moves, (ROWS, COLUMNS)."""
    cells, _, _, running = (np.array(part) for part in zip(*played, strict=True))
    return one_hot(cells[running]).mean(axis=0).reshape(ROWS, COLUMNS)


def run(run: Run) -> Outcome:
    """One update an epoch, from a batch of episodes that the network itself has played."""
    rng = np.random.default_rng(run.seed)
    p = initial(rng)
    judged = 32 if run.size == "small" else 500
    before = play(p, judged, rng)
    for epoch in range(run.epochs):
        loss, gradients, rewards = step(p, play(p, EPISODES, rng))
        descend(p, gradients, RATE)
        run.history.add(epoch=epoch, loss=loss, reward=rewards.mean(), goal=(rewards > 0).mean())
        run.progress(epoch + 1)
    after = play(p, judged, rng)
    best, lines = 1 - STEP * fewest_moves(), []
    for when, played in (("before", before), ("after", after)):
        rewards = np.array([reward for _, _, reward, _ in played]).sum(axis=0)
        lines.append(
            f"{when} training: reward {rewards.mean():.3f} an episode, goal reached in {(rewards > 0).mean():.1%}"
        )
    lines.append(f"the best there is: {best:.3f}, by {fewest_moves()} moves; no target was ever shown")
    return Outcome(tuple(lines), {**p, "visits": np.stack([visits(before), visits(after)])})


def plot(outcome, records, folder):
    rewards, goals = ({name: [r[name] for r in records]} for name in ("reward", "goal"))
    captions = ("cells before", "cells after")
    grid = np.select([CELLS == "x", CELLS == "g"], [-1.0, 1.0], 0.0)
    return [
        plotting.curves(folder / "reward.png", rewards, x="epoch", y=f"mean reward of {EPISODES} episodes"),
        plotting.curves(folder / "goal.png", goals, x="epoch", y="share that reach the goal"),
        plotting.pictures(folder / "visits.png", np.stack([grid, *outcome.arrays["visits"]]), ("reward", *captions)),
    ]


def _point(rng):
    shapes = {"x": (6, 3), "w1": (3, 5), "b1": (5,), "w2": (5, 4), "b2": (4,)}
    return {**normal(**shapes)(rng), "actions": rng.integers(0, 4, 6), "returns": np.asarray(rng.standard_normal(6))}


SYSTEM = System(
    name="reinforcement",
    lecture="002",
    headings=("Reinforcement Learning",),
    summary="a policy gradient learns a way through a grid from reward and punishment alone",
    run=run,
    epochs=300,
    plot=plot,
    gradients=(
        Gradient("reinforcement", reinforce_forward, reinforce_backward, _point, nondiff=("returns",)),
        Gradient(
            "reinforcement_expected",
            expected_reward_forward,
            expected_reward_backward,
            normal(scores=(5, 4), rewards=(5, 4)),
            nondiff=("rewards",),
        ),
    ),
)
