"""U-Nets as encoders: shapes, shifts along periodic axes, what a value depends on, grids that do not fit."""

import pytest
import torch

from pinr.errors import DeclarationError
from pinr.superresolution.unet import Encoder, UNet, halvings

GRIDS = {
    "published": ((4, 16, 16), (False, False, True)),
    "odd": ((5, 6, 12), (False, False, True)),
    "any length": ((0, 8, 8), (False, False, True)),
    "two axes": ((8, 16), (False, True)),
    "all odd": ((3, 5, 7), (False, False, True)),
}
SMALL = UNet(latent=6, base=4, cap=8)


def values_of(counts, batch=2, fields=4, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(batch, fields, *(n or 3 for n in counts), generator=generator, dtype=torch.float64)


def built(recipe, grid, fields=4) -> Encoder:
    counts, periodic = GRIDS[grid]
    return recipe.build(counts, periodic, fields).double()


def test_axes_are_halved_down_to_one_or_until_they_are_odd_the_longer_ones_first():
    assert halvings((4, 16, 16)) == [(1, 2, 2), (1, 2, 2), (2, 2, 2), (2, 2, 2)]
    assert halvings((5, 6, 12)) == [(1, 1, 2), (1, 2, 2)]
    assert halvings((0, 8, 8)) == [(1, 2, 2)] * 3
    assert halvings((3, 5, 7)) == []


@pytest.mark.parametrize("norm", ["group", "batch"])
@pytest.mark.parametrize("grid", GRIDS)
def test_the_latent_grid_is_that_of_the_coarse_values(grid, norm):
    recipe = UNet(latent=6, base=4, cap=8, norm=norm)
    values = values_of(GRIDS[grid][0])
    latents = built(recipe, grid)(values)
    assert latents.shape == (2, 6, *values.shape[2:])
    assert torch.isfinite(latents).all()


@pytest.mark.parametrize("norm", ["group", "batch"])
@pytest.mark.parametrize(
    ("counts", "periodic", "axis", "stride"),
    [
        ((5, 6, 12), (False, False, True), -1, 4),
        ((4, 4, 24), (False, False, True), -1, 8),
        ((0, 8, 12), (False, False, True), -1, 4),
        ((3, 5, 7), (False, False, True), -1, 1),
        ((6, 12), (True, True), -1, 4),
        ((6, 12), (True, True), -2, 2),
    ],
    ids=str,
)
def test_a_shift_by_the_coarsest_stride_along_a_periodic_axis_is_one_of_the_latent_grid(
    counts, periodic, axis, stride, norm
):
    encoder, values = UNet(latent=6, base=4, cap=8, norm=norm).build(counts, periodic, 4).double(), values_of(counts)
    latents = encoder(values)
    moved = encoder(values.roll(stride, dims=axis))
    torch.testing.assert_close(moved, latents.roll(stride, dims=axis), rtol=1e-9, atol=1e-9)
    if stride > 1:
        less = encoder(values.roll(stride // 2, dims=axis))
        assert not torch.allclose(less, latents.roll(stride // 2, dims=axis), rtol=1e-3)


def test_a_shift_along_an_axis_with_ends_is_none_of_the_latent_grid():
    encoder, values = built(SMALL, "all odd"), values_of(GRIDS["all odd"][0])
    assert not torch.allclose(encoder(values.roll(1, dims=-2)), encoder(values).roll(1, dims=-2), rtol=1e-3)


def test_group_norm_keeps_the_entries_of_a_batch_apart_and_batch_norm_does_not():
    values = values_of(GRIDS["published"][0])
    for norm, is_apart in (("group", True), ("batch", False)):
        encoder = built(UNet(latent=6, base=4, cap=8, norm=norm), "published")
        together, alone = encoder(values)[:1], encoder(values[:1])
        assert torch.allclose(together, alone, rtol=1e-9, atol=1e-9) == is_apart


def test_along_axes_of_any_length_what_is_found_does_not_depend_on_what_is_beyond_the_reach():
    encoder = UNet(latent=6, base=4, cap=8).build((0, 4, 4), (False, False, True), 4).double()
    reach = encoder.reach
    assert (reach, len(encoder.factors)) == (6, 2)
    values = values_of((3 * reach, 4, 4))
    whole, part = encoder(values), encoder(values[:, :, : 2 * reach + 2])
    torch.testing.assert_close(part[:, :, : reach + 2], whole[:, :, : reach + 2], rtol=1e-9, atol=1e-9)
    assert not torch.allclose(part[:, :, -1], whole[:, :, 2 * reach + 1], rtol=1e-3)


def test_every_latent_vector_depends_on_every_value_and_every_weight_is_trained():
    encoder, values = built(SMALL, "published"), values_of(GRIDS["published"][0], batch=1)
    values.requires_grad_(True)
    weight = torch.randn(6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    (gradient,) = torch.autograd.grad(encoder(values)[0, :, 0, 0, 0] @ weight, values)
    assert (gradient[0].abs().sum(dim=0) > 0).double().mean() > 0.95  # pooling keeps the largest of eight alone
    encoder(values).square().sum().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in encoder.parameters())


def test_the_published_network_has_the_published_channels():
    encoder = UNet().build((4, 16, 16), (False, False, True), 4)
    assert [b.narrow.in_channels for b in encoder.down] == [16, 32, 64, 128]
    assert [b.widen.out_channels for b in encoder.down] == [32, 64, 128, 256]
    assert [b.narrow.in_channels for b in encoder.up] == [256, 256, 128, 64]
    assert [b.widen.out_channels for b in encoder.up] == [128, 64, 32, 16]
    assert (encoder.last.narrow.in_channels, encoder.last.widen.out_channels) == (32, 32)


def test_the_same_seed_gives_the_same_weights_and_leaves_torch_alone():
    state = torch.get_rng_state()
    one, two, other = (SMALL.build((4, 4), (False, True), 1, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))
    assert not torch.equal(one.first.narrow.weight, other.first.narrow.weight)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: UNet(base=0), "`base` must be"),
        (lambda: UNet(latent=2.5), "`latent` must be"),
        (lambda: UNet(base=16, cap=8), "cap is below"),
        (lambda: UNet(norm="layer"), "one of group, batch"),
        (lambda: SMALL.build((4,), (True,), 1), "2 or 3 axes"),
        (lambda: SMALL.build((4, 4), (True,), 1), "2 or 3 axes"),
        (lambda: SMALL.build((4, -1), (True, True), 1), "cannot be"),
        (lambda: SMALL.build((4, 4), (True, True), 1)(torch.zeros(1, 1, 4, 8)), r"takes \(batch, 1, 4, 4\)"),
        (lambda: SMALL.build((0, 4), (True, True), 1)(torch.zeros(1, 2, 4, 4)), r"takes \(batch, 1, any, 4\)"),
    ],
    ids=["base", "latent", "cap", "norm", "one-axis", "signs", "counts", "grid", "fields"],
)
def test_what_is_no_network_or_grid_is_refused(make, words):
    with pytest.raises(DeclarationError, match=words):
        make()
