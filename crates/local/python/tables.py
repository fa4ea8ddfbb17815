"""Reads and writes the formats that SageMaker's built-in XGBoost takes: CSV and libsvm."""

import math


class Refused(Exception):
    """Data or settings that can't be used; the message says what is wrong with them."""


def media_type(text):
    """`text/csv; label_size=1` becomes `text/csv`; SageMaker takes `csv` for the same."""
    name = (text or "").split(";")[0].strip().lower()
    return {
        "csv": "text/csv",
        "libsvm": "text/libsvm",
        "text/x-libsvm": "text/libsvm",
        "parquet": "application/x-parquet",
    }.get(name, name)


def csv_rows(text, place):
    """The numbers of a CSV text without a header; what is empty is missing."""
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = [float(value) if value.strip() else math.nan for value in line.split(",")]
        except ValueError as error:
            raise Refused(f"{place}, line {number}: {error}; numbers alone, and no header") from None
        if rows and len(row) != len(rows[0]):
            raise Refused(f"{place}, line {number}: {len(row)} columns, and {len(rows[0])} in the first line")
        rows.append(row)
    return rows


def libsvm_rows(text, place):
    """The labels (nan where there is none) and the sparse rows of a libsvm text."""
    labels, rows = [], []
    for number, line in enumerate(text.splitlines(), 1):
        parts = line.split("#")[0].split()
        if not parts:
            continue
        try:
            label = math.nan
            if ":" not in parts[0]:
                # A weight may follow the label after a colon, and begins no feature.
                label = float(parts.pop(0))
            row = {}
            for part in parts:
                index, value = part.split(":")
                if index == "qid":
                    raise ValueError("groups (qid) are not supported")
                if int(index) < 0:
                    raise ValueError(f"{index} is no feature")
                row[int(index)] = float(value)
        except ValueError as error:
            raise Refused(f"{place}, line {number}: {error}; libsvm is LABEL INDEX:VALUE …") from None
        labels.append(label)
        rows.append(row)
    return labels, rows


def sparse(rows, columns=0):
    """Sparse rows as a matrix; what is not there is missing."""
    import numpy
    from scipy.sparse import csr_matrix

    columns = max([columns] + [max(row, default=-1) + 1 for row in rows])
    if columns > 10_000_000:
        raise Refused(f"feature {columns - 1} is beyond the limit of 10,000,000")
    values, indices, starts = [], [], [0]
    for row in rows:
        for index in sorted(row):
            indices.append(index)
            values.append(row[index])
        starts.append(len(indices))
    return csr_matrix(
        (numpy.asarray(values, dtype=numpy.float32), numpy.asarray(indices, dtype=numpy.int32), starts),
        shape=(len(rows), columns),
    )
