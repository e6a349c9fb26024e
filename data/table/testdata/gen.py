# Writes the fixtures beside it, by the programs that people write such files with.
#
#     pip install numpy pandas pyarrow
#     python gen.py
import datetime
import decimal
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

# arrays.npz: every type that is read, holding what the test knows.
arrays = {}
for t in ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]:
    for order in "<>":
        arrays[f"{order}{t}".replace("<", "le_").replace(">", "be_")] = np.array([0, 1, 100], dtype=order + t)
arrays["negative"] = np.array([-1, -128], dtype="i1")
arrays["largest"] = np.array([2**64 - 1], dtype="u8")
arrays["halves"] = np.array([1.5, 6.103515625e-05, 5.960464477539063e-08, 65504, -np.inf, np.nan], dtype="f2")
arrays["bools"] = np.array([True, False])
arrays["bytes"] = np.array([b"ab", b"", b"abc"], dtype="S3")
arrays["letters"] = np.array(["é", "", "😀b"], dtype="<U2")
arrays["letters_be"] = np.array(["é", "", "😀b"], dtype=">U2")
arrays["digits"] = np.array(["1.5", "-2"])
arrays["scalar"] = np.array(42)
arrays["empty"] = np.zeros((0, 3))
arrays["c"] = np.arange(24, dtype="f4").reshape(2, 3, 4)
arrays["fortran"] = np.asfortranarray(np.arange(24, dtype="f4").reshape(2, 3, 4))
for unit in ["D", "s", "ms", "us", "ns"]:
    arrays["time_" + unit] = np.array(["2013-08-01", "NaT"], dtype=f"datetime64[{unit}]")
arrays["time_years"] = np.array(["2013"], dtype="datetime64[Y]")
arrays["durations"] = np.array([1], dtype="timedelta64[s]")
arrays["objects"] = np.array([None, "x"], dtype=object)
arrays["records"] = np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")])
arrays["complex"] = np.array([1j])
arrays["long"] = np.array([1], dtype=np.longdouble)
np.savez("arrays.npz", **arrays)
np.savez_compressed("packed.npz", x=np.arange(12, dtype="f8").reshape(3, 4), y=np.array([2, 0, 1], dtype="i4"))
np.save("one.npy", np.arange(6, dtype="i2").reshape(2, 3))

# As scipy.sparse.save_npz writes a matrix.
np.savez_compressed("csr.npz", data=np.array([1.0, 2.0]), indices=np.array([1, 0], dtype="i4"),
                    indptr=np.array([0, 1, 2], dtype="i4"), shape=np.array([2, 3]), format=np.array(b"csr"))

# types.parquet: every type that is read and some that are not, in three groups.
n = 7
table = pa.table({
    "bool": pa.array([i % 2 == 1 for i in range(n)]),
    **{t: pa.array(range(n), type=getattr(pa, t)()) for t in
       ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64"]},
    "large": pa.array([2**32 - 1] * n, type=pa.uint32()),
    "larger": pa.array([2**64 - 1] * n, type=pa.uint64()),
    "text": pa.array(["é", "", "a", "a", "a", "a", "b"]),
    "large_text": pa.array([str(i) for i in range(n)], type=pa.large_string()),
    "dictionary": pa.array(["x", "y", "x", "y", "x", "y", "x"]).dictionary_encode(),
    "nulls": pa.array([0.5, None, 2.5, None, 4.5, 5.5, float("nan")]),
    "null_text": pa.array(["a", None, "c", None, "e", "f", "g"]),
    "date": pa.array([datetime.date(2013, 8, 1)] * n),
    **{"time_" + u: pa.array([datetime.datetime(2013, 8, 1, 0, 56, 0, 500000)] * (n - 1) + [None], type=pa.timestamp(u))
       for u in ["ms", "us", "ns"]},
    "time_zone": pa.array([datetime.datetime(2013, 8, 1, 0, 56)] * n, type=pa.timestamp("ms", tz="America/Chicago")),
    "list": pa.array([[i] for i in range(n)]),
    "record": pa.array([{"a": i, "b": {"c": i}} for i in range(n)]),
    "after": pa.array([10 * i for i in range(n)]),
    "decimal": pa.array([decimal.Decimal("1.50")] * n),
    "bytes": pa.array([b"\xff"] * n),
})
pq.write_table(table, "types.parquet", row_group_size=3)
for codec in ["none", "snappy", "gzip", "brotli", "zstd"]:
    for version in ["1.0", "2.0"]:
        small = pa.table({"x": pa.array([i / 2 for i in range(100)]), "y": pa.array([i // 50 for i in range(100)])})
        pq.write_table(small, f"{codec}-{version[0]}.parquet", compression=codec, data_page_version=version)

# As pandas writes flights.
flights = pd.DataFrame({
    "callsign": ["AAL1", "AAL1", None],
    "timestamp": pd.to_datetime(["2018-08-01 05:00:00", "2018-08-01 05:00:10.25", "2018-08-01 05:00:20"],
                                format="ISO8601", utc=True),
    "latitude": [45.5, 45.625, 45.75],
    "altitude": [35000.0, None, 36000.0],
    "onground": [False, False, True],
})
flights.to_parquet("flights.parquet")
flights.to_csv("flights.csv")
flights.to_csv("flights.tsv.gz", sep="\t", index=False)
