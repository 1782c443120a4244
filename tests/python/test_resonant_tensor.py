"""ResonantTensor from Python: conversions, in-place methods, phases, storage, and NumPy as the reference."""

import pickle
from fractions import Fraction

import numpy as np
import pytest

from purify import ops
from purify import resonant as rs
from purify.resonant import GoldenExact, InvalidPhaseError, ResonantTensor, ShapeError
from purify.resonant import functional as F


def random(shape, seed=0, precision=100):
    return ResonantTensor(np.random.default_rng(seed).normal(size=shape), precision=precision)


def array(t):
    return np.array(t.to_floats()).reshape(t.shape)


def bound(p, x=1.0):
    return rs.snap_error_bound(p, x) + 1e-12


def test_values_come_from_lists_arrays_and_tensors_of_ops():
    for data in ([[1.0, 2.0], [3.0, 4.0]], np.array([[1, 2], [3, 4]], np.float32), ops.asarray([[1, 2], [3, 4]])):
        t = ResonantTensor(data)
        assert t.shape == (2, 2) and t.to_floats() == [1.0, 2.0, 3.0, 4.0] and t.get_mode_norm_sq() == [0.0, 1.0, 0.0, 1.0]
    assert ResonantTensor([1.0, 2.0, 3.0, 4.0], [2, 2]).shape == (2, 2)
    assert ResonantTensor(1.5).shape == ()
    assert ResonantTensor([[1.0, 2.0]], mode_norms="flat").get_mode_norm_sq() == [0.0, 1.0]
    exact = ResonantTensor.from_golden_exact([Fraction(1, 3), 2, GoldenExact.golden_ratio(), 0.5], [4], precision=7)
    assert exact.get_lattice() == [Fraction(1, 3), 2, GoldenExact.golden_ratio(), Fraction(1, 2)] and exact.precision == 7
    assert exact.to_golden() == exact.to_lattice_list() == exact.get_lattice()
    with pytest.raises(ShapeError):
        ResonantTensor([1.0, 2.0], [3])
    with pytest.raises(ValueError):
        ResonantTensor([float("nan")])
    assert ResonantTensor([float("nan")], nonfinite="zero").to_floats() == [0.0]
    for bad in ({"precision": 0}, {"mode_norm_sq": [-1.0]}, {"nonfinite": "maybe"}, {"mode_norms": "some"}):
        with pytest.raises(ValueError):
            ResonantTensor([1.0], **bad)


def test_random_tensors_repeat_and_their_bits_are_part_of_the_format():
    a, b = ResonantTensor.randn([100], seed=3), ResonantTensor.randn([100], seed=3)
    assert a.equals(b) and not a.equals(ResonantTensor.randn([100], seed=4))
    assert abs(np.mean(a.to_floats())) < 0.4 and 0.7 < np.std(a.to_floats()) < 1.3
    u = ResonantTensor.uniform([50], -1.0, 1.0, seed=1).to_floats()
    assert min(u) >= -1.01 and max(u) <= 1.01


def test_exact_operations_agree_with_numpy_and_with_fractions():
    x, w = random((3, 4), 1), random((5, 4), 2)
    np.testing.assert_allclose(array(x.matmul(w)), array(x) @ array(w).T, atol=1e-12)
    np.testing.assert_allclose(array(x @ w.transpose()), array(x) @ array(w).T, atol=1e-12)
    row = random((4,), 3)
    np.testing.assert_allclose(array(x + row), array(x) + array(row), atol=1e-13)
    np.testing.assert_allclose(array(x * row - 2), array(x) * array(row) - 2, atol=1e-13)
    assert (x - x).to_floats() == [0.0] * 12 and (1 - x).equals(x.one_minus()) and (x / 3 * 3).get_lattice() == x.get_lattice()
    assert x.scalar_mul(0.1).get_lattice()[0] == x.get_lattice()[0] * Fraction(0.1)
    assert x.scalar_mul(0.1, snap=100).get_lattice()[0] == x.get_lattice()[0] * GoldenExact.nearest(0.1, 100)
    assert ((x > 0).tolist(), (x == x).tolist()) == ((array(x) > 0).tolist(), [[True] * 4] * 3)
    with pytest.raises(ZeroDivisionError):
        x / 0
    with pytest.raises(ShapeError):
        x.matmul(row)
    with pytest.raises(TypeError):
        x + "1"


def test_methods_of_the_original_work_in_place_and_return_the_tensor():
    x = random((3, 4), 4)
    before = x.clone()
    y = F.relu(x)
    assert x.equals(before) and y.to_floats() == [max(v, 0.0) for v in x.to_floats()]
    assert x.relu() is x and x.equals(y)
    assert x.apply_recursion().apply_inverse_recursion().equals(y)
    assert x.add_bias(ResonantTensor([1.0, 0.0, 0.0, 0.0])).to_floats()[0] == y.to_floats()[0] + 1.0
    assert x.prune_hierarchy() is x and x.sigmoid() is x and x.tanh() is x and x.gelu() is x and x.softmax() is x
    assert x.sum(-1).get_lattice() == [1, 1, 1]
    assert x.syntony == pytest.approx(rs.syntony(x.to_floats(), x.get_mode_norm_sq()), abs=0)


def test_a_failing_call_leaves_the_tensor_alone():
    x = random((3, 4), 5)
    before = x.clone()
    for call in (lambda: x.add_bias(x), lambda: x.sigmoid(0), lambda: x.dropout(2.0), lambda: x.cpu_cycle(-1.0),
                 lambda: x.scatter(0, [[9]], x), lambda: x.crystallize_from_values([1.0])):
        with pytest.raises((ValueError, IndexError)):
            call()
        assert x.equals(before) and x.phase == "crystallized"


def test_snapped_operations_stay_within_the_bound_of_numpy():
    x = random((6, 8), 6)
    v = array(x)
    e = bound(100, 4.0)
    np.testing.assert_allclose(array(F.sigmoid(x)), 1 / (1 + np.exp(-v)), atol=e)
    np.testing.assert_allclose(array(F.tanh(x)), np.tanh(v), atol=e)
    for axis in (0, 1):
        p = np.exp(v - v.max(axis, keepdims=True))
        np.testing.assert_allclose(array(F.softmax(x, dim=axis, renormalize=False)), p / p.sum(axis, keepdims=True), atol=bound(100))
    np.testing.assert_allclose(array((x * x + 1).log()), np.log(v * v + 1), atol=e)
    y = (v - v.mean(-1, keepdims=True)) / np.sqrt(v.var(-1, keepdims=True) + 1e-5)
    np.testing.assert_allclose(array(x.layer_norm(eps=1e-5, golden_target=False)), y, atol=e)
    np.testing.assert_allclose(array(x.mean(0)), v.mean(0), atol=1e-13)
    np.testing.assert_allclose(array(x.var(1)), v.var(1), atol=1e-13)
    np.testing.assert_allclose(array(x.norm(3.0, 1)), (np.abs(v) ** 3).sum(1) ** (1 / 3), atol=e)
    assert (x.max(0).to_floats(), x.min().to_floats()) == (v.max(0).tolist(), [v.min()])
    for call in (lambda: (x - x).log(), lambda: ResonantTensor([1000.0]).exp()):
        with pytest.raises(ValueError):
            call()
    big = ResonantTensor(np.random.default_rng(0).normal(size=(4, 3, 2, 2)), precision=1000)
    w = array(big)
    z = (w - w.mean((0, 2, 3), keepdims=True)) / np.sqrt(w.var((0, 2, 3), keepdims=True) + 1e-5)
    np.testing.assert_allclose(array(big.batch_norm("standard")), z, atol=bound(1000, 4.0))


def test_rearrangements_agree_with_numpy():
    x = random((2, 3, 4), 7)
    v = array(x)
    assert array(x.permute(2, 0, 1)).tolist() == v.transpose(2, 0, 1).tolist()
    assert array(x.reshape(6, -1)).tolist() == array(x.view([6, 4])).tolist() == v.reshape(6, 4).tolist()
    assert array(x[:, 1:, ::2]).tolist() == v[:, 1:, ::2].tolist() and array(x[1, 2, 3]).tolist() == v[1, 2, 3].tolist()
    assert array(x[[1, 0], :, 0]).tolist() == v[[1, 0], :, 0].tolist() and len(x) == 2
    assert array(ResonantTensor.concat([x, x], 1)).tolist() == np.concatenate([v, v], 1).tolist()
    index = np.array([[[0], [2], [3]], [[1], [1], [0]]])
    assert array(x.gather(2, index)).tolist() == np.take_along_axis(v, index, 2).tolist()
    assert x.masked_select(v > 0).to_floats() == v[v > 0].tolist()
    with pytest.raises(IndexError):
        x.index_select([5], 0)
    with pytest.raises(ValueError):
        ResonantTensor.concat([])


def test_flux_is_shared_through_dlpack_and_crystallizes():
    x = random((2, 3), 8)
    before = x.clone()
    flux = x.wake_flux()
    assert x.phase == "flux" and x.device == "cpu"
    view = np.from_dlpack(x)
    assert view.tolist() == array(before).tolist()
    for call in (lambda: x + x, lambda: x.relu(), x.wake_flux, lambda: F.relu(x)):
        with pytest.raises(InvalidPhaseError):
            call()
    assert x.crystallize() == before.syntony and x.equals(before)
    x.wake_flux()
    np.from_dlpack(x)[0, 0] = 7.0
    assert ops.asarray(x.flux_values()).tolist()[0][0] == 7.0
    x.crystallize(precision=1000)
    assert x.to_floats()[0] == 7.0 and x.precision == 1000 and flux.shape == (2, 3)
    for call in (x.flux_values, x.crystallize, x.destroy_shadow, lambda: np.from_dlpack(x)):
        with pytest.raises(InvalidPhaseError):
            call()
    assert x.wake_flux_values()[0] == 7.0
    assert x.set_flux([[0.0] * 3] * 2).destroy_shadow().to_floats()[0] == 7.0
    x.crystallize_from_values([1.0] * 6)
    assert x.to_floats() == [1.0] * 6


def test_cycles_follow_their_seed():
    x = random((4, 5), 9)
    a, b, c = x.clone(), x.clone(), x.clone()
    assert a.cpu_cycle(0.1, seed=1) == b.cpu_cycle(0.1, seed=1) == a.syntony and a.equals(b)
    c.cpu_cycle(0.1, seed=2)
    assert not c.equals(a) and a.last_d_duration_ns > 0
    rows = x.clone().batch_cpu_cycle(0.0, seed=0)
    alone = [ResonantTensor(array(x)[i]) for i in range(4)]
    assert rows == [t.cpu_cycle(0.0, seed=0) for t in alone]
    with pytest.raises(ValueError):
        x.cpu_cycle(normalize="max")


def test_tensors_are_pickled_and_stored_exactly(tmp_path):
    long = ResonantTensor.from_golden_exact([GoldenExact.phi_to_power(300), Fraction(1, 7)], [2], [0.5, 2.0], 9)
    flux = random((2,), 10)
    flux.wake_flux()
    for t in (long, random((3, 2), 11)):
        assert pickle.loads(pickle.dumps(t)).equals(t)
    assert pickle.loads(pickle.dumps(flux)).phase == "flux"
    path = tmp_path / "model.safetensors"
    rs.save(path, {"b": long, "a": random((3, 2), 11)})
    back = rs.load(path)
    assert list(back) == ["b", "a"] and back["b"].equals(long)
    with pytest.raises(ValueError):
        rs.load_bytes(path.read_bytes()[:-5])
    safetensors = pytest.importorskip("safetensors.numpy")
    assert safetensors.load_file(path)["a.a"].shape == (3, 2)


def test_convolution_agrees_with_a_loop():
    x, k, b = random((2, 3, 7, 6), 12), random((4, 3, 3, 2), 13), random((4,), 14)
    got = array(x.conv2d(k, b, stride=(2, 1), padding=1))
    v = np.pad(array(x), ((0, 0), (0, 0), (1, 1), (1, 1)))
    want = np.array([[[[(v[n, :, 2 * i:2 * i + 3, j:j + 2] * array(k)[o]).sum() + array(b)[o] for j in range(7)] for i in range(4)]
                      for o in range(4)] for n in range(2)])
    np.testing.assert_allclose(got, want, atol=1e-11)
    assert x.max_pool2d(2).shape == (2, 3, 3, 3) and x.global_avg_pool2d().shape == (2, 3)
    with pytest.raises(ShapeError):
        x.conv2d(b)


def test_operators_on_states_and_quantities():
    assert rs.critical_syntony(1.0) == pytest.approx(0.5321, abs=1e-4)
    assert rs.r_gain(0.0, 0.3) == 1.0 and rs.d_gain(4.0, 1.0) == 1.0
    assert rs.aggregate([], "mean") is None and rs.aggregate([0.2, 0.4], "min") == 0.2
    assert sum(rs.golden_measure([0.0, 1.0, 4.0])) == pytest.approx(1.0)
    state = np.sin(np.arange(16.0)).tolist()
    moved = rs.differentiate_state(state, 0.5)
    # The same by NumPy's Fourier transform.
    spectrum = np.fft.fft(state)
    gain = np.zeros(16)
    for i in range(1, 9):
        gain[i] = gain[-i] = 0.1 * 0.5 * rs.PHI**-i
    want = state + np.fft.ifft(spectrum * gain).real + 0.01 * 0.5 * (np.roll(state, -1) - 2 * np.array(state) + np.roll(state, 1))
    np.testing.assert_allclose(moved, want, atol=1e-12)
    with pytest.raises(ValueError):
        rs.concentration([-1.0])
