"""Subjects of adadelta."""

import math

import numpy as np

from ._entries import entry_by_entry
from ._records import Unusual, Wrong


def textbook(p, g, v, d, lr, rho, eps):
    def step(p, g, v, d):
        v = rho * v + (1 - rho) * g**2
        u = -math.sqrt(d + eps) / math.sqrt(v + eps) * g
        return p + lr * u, v, rho * d + (1 - rho) * u**2

    return entry_by_entry(step, p, g, v, d)


def forward(p, g, v, d, lr=1.0, rho=0.95, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    u = np.sqrt(d + eps) / np.sqrt(v + eps) * g
    return p - lr * u, v, rho * d + (1 - rho) * u**2, None


def forward_no_steps_remembered(p, g, v, d, lr=1.0, rho=0.95, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    u = g / np.sqrt(v + eps)
    return p - lr * u, v, rho * d + (1 - rho) * u**2, None


def forward_new_average_of_steps(p, g, v, d, lr=1.0, rho=0.95, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    u = np.sqrt(d + eps) / np.sqrt(v + eps) * g
    d = rho * d + (1 - rho) * u**2
    return p - lr * np.sqrt(d + eps) / np.sqrt(v + eps) * g, v, d, None


def forward_rate_remembered(p, g, v, d, lr=1.0, rho=0.95, eps=1e-6):
    v = rho * v + (1 - rho) * g**2
    u = lr * np.sqrt(d + eps) / np.sqrt(v + eps) * g
    return p - u, v, rho * d + (1 - rho) * u**2, None


def forward_states_swapped(p, g, v, d, lr=1.0, rho=0.95, eps=1e-6):
    p, v, d, _ = forward(p, g, v, d, lr, rho, eps)
    return p, d, v, None


WRONG = [
    Wrong(
        "steps-not-remembered",
        "dropped term",
        forward_no_steps_remembered,
        None,
        "p_new d_new",
        says="the average of the squared steps is not updated",
    ),
    Wrong(
        "average-one-step-ahead",
        "off by one",
        forward_new_average_of_steps,
        None,
        "p_new",
        says="the step is divided by the average of the steps that holds this step already",
    ),
    Wrong(
        "rate-in-the-memory",
        "wrong option",
        forward_rate_remembered,
        None,
        "d_new",
        options={"lr": 0.01},
        says="the average of squared steps takes the step after the learning rate",
    ),
    Wrong(
        "states-swapped",
        "swapped",
        forward_states_swapped,
        None,
        "v_new d_new",
        says="the two running averages are swapped",
    ),
]


def forward_in_steps(p, g, v, d, lr=1.0, rho=0.95, eps=1e-6):
    v = v * rho + np.square(g) * (1 - rho)
    u = (d + eps) ** 0.5 * g / (v + eps) ** 0.5
    d = d * rho + np.square(u) * (1 - rho)
    return p + -lr * u, v, d, u


UNUSUAL = [
    Unusual("textbook-order", forward, None),
    Unusual("powers-of-a-half", forward_in_steps, None),
]
