"""Adam's own properties."""

import pytest
import torch

from pinr.errors import DeclarationError
from pinr.optimizers import Adam


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_it_takes_the_path_of_torch_adam(dtype, quadratic, minimise):
    objective, start = quadratic(6, condition=100, dtype=dtype), torch.ones(6, dtype=dtype)
    state = minimise(Adam(steps=200, rate=1e-2, schedule="constant", warmup=0), objective, start)
    theta = start.clone().requires_grad_()
    peer = torch.optim.Adam([theta], lr=1e-2)
    for _ in range(200):
        peer.zero_grad()
        objective.function(theta).backward()
        peer.step()
    torch.testing.assert_close(state.theta, theta.detach(), rtol=1e-4 if dtype == torch.float32 else 1e-10, atol=1e-6)


def test_the_first_step_is_the_rate_in_every_parameter(quadratic):
    adam, theta = Adam(steps=10, rate=1e-2, warmup=0), torch.ones(6, dtype=torch.float64)
    objective = quadratic(6, condition=100)
    state = adam.step(adam.initial(theta), objective, 0.0)
    _, gradient = objective.value_and_gradient(theta)
    torch.testing.assert_close(theta - state.theta, 1e-2 * gradient.sign(), rtol=1e-6, atol=0)


def test_warmup_divides_the_first_step_by_its_length(quadratic):
    objective, theta = quadratic(6, condition=100), torch.ones(6, dtype=torch.float64)
    full, warm = Adam(steps=1000, warmup=0), Adam(steps=1000, warmup=50)
    moved = [adam.step(adam.initial(theta), objective, 0.0).theta - theta for adam in (full, warm)]
    torch.testing.assert_close(moved[1] * 50, moved[0], rtol=1e-9, atol=0)


def test_the_cosine_schedule_averages_noise_out(minimise):
    def noisy(seed):
        generator = torch.Generator().manual_seed(seed)

        class Noisy:
            def value_and_gradient(self, theta):
                gradient = theta + torch.randn(theta.shape, generator=generator, dtype=theta.dtype)
                return 0.5 * theta @ theta, gradient

        return Noisy()

    start = torch.ones(50, dtype=torch.float64)
    constant = minimise(Adam(steps=1000, rate=3e-2, schedule="constant"), noisy(0), start)
    cosine = minimise(Adam(steps=1000, rate=3e-2), noisy(0), start)
    assert cosine.theta.norm() < 0.5 * constant.theta.norm()


def test_reset_keeps_the_moments(quadratic, minimise):
    adam = Adam(steps=20)
    state = minimise(adam, quadratic(6, condition=100), torch.ones(6, dtype=torch.float64))
    again = adam.reset(state)
    assert torch.equal(again.mean, state.mean)
    assert torch.equal(again.square, state.square)
    assert again.steps == state.steps


@pytest.mark.parametrize(
    "written",
    [
        {"rate": -1},
        {"rate": 0.0},
        {"rate": float("inf")},
        {"rate": "1e-3"},
        {"betas": (0.9, 1.0)},
        {"betas": 0.9},
        {"betas": (0.9,)},
        {"epsilon": 0},
        {"schedule": "cosin"},
        {"schedule": ["cosine"]},
        {"warmup": -1},
    ],
    ids=str,
)
def test_a_bad_argument_is_named(written):
    ((name, value),) = written.items()
    with pytest.raises(DeclarationError) as error:
        Adam(steps=10, **written)
    assert f"Adam({name}={value!r})`: `{name}` must be" in str(error.value)
