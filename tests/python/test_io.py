"""`ops.io` and the file functions of `ops`: what NumPy writes is read, and NumPy reads what is written."""

import io
import pickle

import numpy as np
import pytest

from purify import ops

DTYPES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128".split()


def example(dtype, shape=(2, 3)):
    values = np.random.default_rng(0).normal(size=shape) * 50
    return (values > 0) if dtype == "bool" else np.abs(values).astype(dtype) if dtype[0] == "u" else values.astype(dtype)


def same(ours, theirs):
    ours = np.asarray(ours)
    assert ours.dtype == theirs.dtype and ours.shape == theirs.shape
    assert ours.tobytes() == np.ascontiguousarray(theirs).tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 4)])
def test_npy_both_ways(tmp_path, dtype, shape):
    array = np.asarray(example(dtype, shape))
    np.save(tmp_path / "theirs.npy", array)
    same(ops.load(tmp_path / "theirs.npy"), array)
    ops.save(tmp_path / "ours", ops.asarray(array))
    assert (tmp_path / "ours.npy").read_bytes() == (tmp_path / "theirs.npy").read_bytes()


def test_orders_and_byte_orders(tmp_path):
    cube = np.arange(24.0).reshape(2, 3, 4)
    for array in (np.asfortranarray(cube), cube.T, cube[:, ::2], cube.astype(">f8")):
        np.save(tmp_path / "a.npy", array)
        same(ops.load(tmp_path / "a.npy"), array.astype("<f8"))
        ops.save(tmp_path / "b.npy", ops.load(tmp_path / "a.npy"))
        np.testing.assert_array_equal(np.load(tmp_path / "b.npy"), array)


def test_npz_both_ways(tmp_path):
    arrays = {name: example(name) for name in DTYPES}
    for theirs, ours in [(np.savez, ops.savez), (np.savez_compressed, ops.savez_compressed)]:
        theirs(tmp_path / "theirs", np.arange(3.0), **arrays)
        ours(tmp_path / "ours", np.arange(3.0), **arrays)
        with ops.load(tmp_path / "theirs.npz") as archive:
            assert sorted(archive.files) == sorted([*arrays, "arr_0"])
            for name, array in arrays.items():
                same(archive[name], array)
                same(archive[name + ".npy"], array)
            same(archive.f.arr_0, np.arange(3.0))
            assert "int8" in archive and "nothing" not in archive
            with pytest.raises(KeyError, match="nothing"):
                archive["nothing"]
        with np.load(tmp_path / "ours.npz") as archive:
            for name, array in arrays.items():
                np.testing.assert_array_equal(archive[name], array)
            np.testing.assert_array_equal(archive["arr_0"], np.arange(3.0))


def test_file_objects():
    buffer = io.BytesIO()
    ops.save(buffer, ops.asarray([1.0, 2.0]))
    np.save(buffer, np.arange(5))
    ops.save(buffer, ops.asarray([3]))
    buffer.seek(0)
    assert ops.load(buffer).tolist() == [1.0, 2.0]
    assert np.load(buffer).tolist() == [0, 1, 2, 3, 4]
    assert ops.load(buffer).tolist() == [3]
    with pytest.raises(EOFError):
        ops.load(buffer)
    buffer = io.BytesIO()
    ops.savez(buffer, x=ops.asarray([1.0]))
    buffer.seek(0)
    assert ops.load(buffer)["x"].tolist() == [1.0]


def test_what_is_refused(tmp_path):
    np.save(tmp_path / "objects.npy", np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="pickle"):
        ops.load(tmp_path / "objects.npy", allow_pickle=True)
    (tmp_path / "pickled").write_bytes(pickle.dumps([1, 2, 3]))
    with pytest.raises(ValueError, match="pickle"):
        ops.load(tmp_path / "pickled", allow_pickle=True)
    np.save(tmp_path / "records.npy", np.zeros(3, dtype=[("a", "f8")]))
    with pytest.raises(ValueError, match="structured"):
        ops.load(tmp_path / "records.npy")
    np.save(tmp_path / "text.npy", np.array(["a"]))
    with pytest.raises(ValueError, match="not supported"):
        ops.load(tmp_path / "text.npy")
    with pytest.raises(OSError, match="missing"):
        ops.load(tmp_path / "missing.npy")


TABLES = [
    ("1 2 3\n4 5 6\n", {}),
    ("1,2,3\n4,5,6\n", {"delimiter": ","}),
    ("# head\n1 2 # tail\n\n3 4\n", {}),
    ("1 2\n3 4\n", {"dtype": int}),
    ("1 2\n3 4\n5 6\n", {"skiprows": 1, "max_rows": 1}),
    ("1 2 3\n4 5 6\n", {"usecols": (0, 2)}),
    ("1 2 3\n4 5 6\n", {"usecols": -1}),
    ("1 2 3\n4 5 6\n", {"unpack": True}),
    ("1 2 3\n", {}),
    ("1\n2\n3\n", {}),
    ("1\n", {}),
    ("1 2 3\n", {"ndmin": 2}),
    ("1\n2\n", {"ndmin": 2}),
    ("1e3 nan inf -inf\n", {}),
    ("(1+2j) 3\n", {"dtype": complex}),
    ("1;2\n3;4\n", {"delimiter": ";", "converters": {0: lambda s: float(s) * 10}}),
    ("% a\n1 2\n", {"comments": "%"}),
    ('"1","2"\n"3","4"\n', {"delimiter": ",", "quotechar": '"'}),
    ("True False\n", {"dtype": bool, "converters": lambda s: s == "True"}),
]


@pytest.mark.parametrize(("text", "options"), TABLES, ids=[str(i) for i in range(len(TABLES))])
def test_loadtxt(tmp_path, text, options):
    expected = np.loadtxt(io.StringIO(text), **options)
    same(ops.loadtxt(io.StringIO(text), **options), expected)
    (tmp_path / "a.txt").write_text(text)
    same(ops.loadtxt(tmp_path / "a.txt", **options), expected)


@pytest.mark.parametrize("text", ["1 2\n3\n", "1 x\n"])
def test_loadtxt_refuses_broken_tables(text):
    for space in (np, ops):
        with pytest.raises(ValueError):
            space.loadtxt(io.StringIO(text))


GAPS = [
    ("1,,3\n4,5,\n", {"delimiter": ","}),
    ("1,,3\n4,5,\n", {"delimiter": ",", "filling_values": 0}),
    ("1,,3\n4,5,\n", {"delimiter": ",", "filling_values": {1: -5, 2: 9}}),
    ("1,N/A,3\n", {"delimiter": ",", "missing_values": "N/A", "filling_values": 7}),
    ("1,x,3\n", {"delimiter": ","}),
    ("a b\n1 2\n3 4\n", {"skip_header": 1}),
    ("1 2\n3 4\nend\n", {"skip_footer": 1}),
    ("1 2 3\n4 5 6\n", {"usecols": (0, 2)}),
    ("1 2\n3 4\n", {"dtype": int}),
    ("1 2\n3 4\n", {"dtype": None}),
    ("1.5 2\n3 4\n", {"unpack": True}),
    (" 12 34\n 56 78\n", {"delimiter": 3}),
    ("12345\n67890\n", {"delimiter": (2, 3)}),
    ("1 2\n3 4\n5 6\n", {"max_rows": 2}),
]


@pytest.mark.parametrize(("text", "options"), GAPS, ids=[str(i) for i in range(len(GAPS))])
def test_genfromtxt(text, options):
    same(ops.genfromtxt(io.StringIO(text), **options), np.genfromtxt(io.StringIO(text), **options))


NAMED = [
    ("X,Y\n1,2.5\n3,4\n", {"delimiter": ",", "names": True}),
    ("# a b (s)!, b b\n1,2\n", {"delimiter": ",", "names": True}),
    ("1 2\n3 4\n", {"names": "u,v"}),
    ("1 2.5 3\n4 5 6\n", {"names": ["u", "file", "u"], "dtype": None}),
    ("a b c\n1 2 3\n4 5 6\n", {"names": True, "usecols": (0, 2)}),
]


@pytest.mark.parametrize(("text", "options"), NAMED, ids=[str(i) for i in range(len(NAMED))])
def test_columns_with_names_are_those_that_numpy_reads(text, options):
    found, wanted = ops.genfromtxt(io.StringIO(text), **options), np.genfromtxt(io.StringIO(text), **options)
    assert found.dtype.names == wanted.dtype.names and found.shape == wanted.shape and found.tolist() == wanted.tolist()
    for name in wanted.dtype.names:
        same(found[name], wanted[name])
    if wanted.ndim:
        assert len(found) == len(wanted) and [row.item() for row in found] == [row.item() for row in wanted]
        assert found[0][wanted.dtype.names[0]] == wanted[0][wanted.dtype.names[0]]


def test_genfromtxt_refuses_uneven_rows():
    for space in (np, ops):
        with pytest.raises(ValueError, match="columns instead of"):
            space.genfromtxt(io.StringIO("1 2\n3\n"))


@pytest.mark.parametrize(
    ("array", "options"),
    [
        (np.arange(6.0).reshape(2, 3), {}),
        (np.arange(6).reshape(2, 3), {"fmt": "%d", "delimiter": ","}),
        (np.arange(3.0), {"fmt": "%.3f"}),
        (np.arange(6.0).reshape(2, 3), {"fmt": ["%d", "%.1f", "%e"]}),
        (np.arange(4.0).reshape(2, 2), {"fmt": "%d / %.2f"}),
        (np.array([[1 + 2j, 3 - 4j]]), {}),
        (np.arange(2.0), {"header": "a\nb", "footer": "end", "comments": "% "}),
        (np.arange(2.0), {"newline": "\r\n"}),
    ],
)
def test_savetxt(tmp_path, array, options):
    np.savetxt(tmp_path / "theirs.txt", array, **options)
    ops.savetxt(tmp_path / "ours.txt", ops.asarray(array), **options)
    assert (tmp_path / "ours.txt").read_bytes() == (tmp_path / "theirs.txt").read_bytes()
    ours, theirs = io.StringIO(), io.StringIO()
    ops.savetxt(ours, ops.asarray(array), **options), np.savetxt(theirs, array, **options)
    assert ours.getvalue() == theirs.getvalue()


def test_compressed_text(tmp_path):
    array = np.arange(6.0).reshape(2, 3)
    for suffix in (".gz", ".bz2", ".xz"):
        np.savetxt(tmp_path / f"a.txt{suffix}", array)
        same(ops.loadtxt(tmp_path / f"a.txt{suffix}"), array)
        ops.savetxt(tmp_path / f"b.txt{suffix}", array)
        np.testing.assert_array_equal(np.loadtxt(tmp_path / f"b.txt{suffix}"), array)


def test_fromfile(tmp_path):
    np.arange(10, dtype="int16").tofile(tmp_path / "raw")
    for options in ({}, {"count": 3}, {"offset": 4}, {"count": 2, "offset": 2}):
        same(ops.fromfile(tmp_path / "raw", dtype="int16", **options), np.fromfile(tmp_path / "raw", dtype="int16", **options))
    (tmp_path / "text").write_text("1, 2, 3.5")
    same(ops.fromfile(tmp_path / "text", sep=","), np.fromfile(tmp_path / "text", sep=","))


def test_safetensors(tmp_path):
    arrays = {name: ops.asarray(example(name)) for name in DTYPES if name != "complex128"}
    ops.io.save_safetensors(arrays, tmp_path / "a.safetensors", metadata={"made": "here"})
    read = ops.io.load_safetensors(tmp_path / "a.safetensors")
    assert read.keys() == arrays.keys()
    for name, array in arrays.items():
        same(read[name], np.asarray(array))
    assert ops.io.safetensors_metadata(tmp_path / "a.safetensors") == {"made": "here"}
    with pytest.raises(ValueError):
        ops.io.read_safetensors(b"\xff" * 20)
    reference = pytest.importorskip("safetensors.numpy")
    for name, array in reference.load_file(tmp_path / "a.safetensors").items():
        np.testing.assert_array_equal(array, np.asarray(arrays[name]))
