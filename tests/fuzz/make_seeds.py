"""Writes small valid data files for data_fuzz to start from.  usage: make_seeds.py FOLDER"""
import gzip
import pathlib
import struct
import sys


def npy(text, values):
    header = text.encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + values


images = bytes([0, 0, 8, 3]) + struct.pack(">III", 4, 2, 2) + bytes(range(16))
labels = bytes([0, 0, 8, 1]) + struct.pack(">I", 4) + bytes([0, 1, 2, 2])
inputs = npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }", struct.pack("<4d", 0, 1, 2, 3))
targets = npy("{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }", struct.pack("<2q", 0, 1))


def pair(first, second):
    """The two files behind the byte that says where the first one ends."""
    total = len(first) + len(second)
    cut = -(-len(first) * 255 // total)
    assert total * cut // 255 == len(first)
    return bytes([cut]) + first + second


# The first byte chooses the reader.
seeds = {
    "idx": b"\0" + images,
    "cifar": b"\1" + bytes([3]) + bytes(3072),
    "npy": b"\2" + inputs,
    "gzip": b"\3" + gzip.compress(images, mtime=0),
    "idx-pair": b"\4" + pair(images, labels),
    "npy-pair": b"\5" + pair(inputs, targets),
}
folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for name, content in seeds.items():
    (folder / name).write_bytes(content)
