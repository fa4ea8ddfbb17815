"""Validates the cases of cases.json with Pydantic and prints a verdict for each."""

import datetime
import json
import sys
from typing import Annotated, Dict, List, Literal, Set, Tuple, Union

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator


class Base(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Scalars(Base):
    i: Annotated[int, Field(ge=-128, le=127)]
    n: Annotated[int, Field(ge=0, le=4294967295)] = 0
    f: Annotated[float, Field(allow_inf_nan=False)] = 0.0
    b: bool = False
    s: str = ""
    o: int | None = None


class Limits(Base):
    whole: Annotated[int, Field(ge=1, le=10)] = 1
    part: Annotated[float, Field(gt=0, lt=1)] = 0.5
    step: Annotated[int, Field(multiple_of=5)] = 5
    name: Annotated[str, Field(min_length=2, max_length=4, pattern="^[a-z]+$")] = "ab"
    tags: Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1, max_length=2)] = ["a"]
    mode: Literal["a", "b"] = "a"


class Inner(Base):
    x: int
    y: bool = True


class Nested(Base):
    inner: Inner | None = None
    list: List[Inner] = []
    map: Dict[str, int] = {}
    ports: Dict[int, str] = {}
    pair: Tuple[int, str] | None = None
    set: Set[int] = Field(default_factory=frozenset)


class Cat(Base):
    kind: Literal["cat"]
    lives: int


class Dog(Base):
    kind: Literal["dog"]
    name: str


class Owner(Base):
    pet: Annotated[Union[Cat, Dog], Field(discriminator="kind")]


class Either(Base):
    value: int | str | list[bool]


class Aliased(Base):
    a: int = Field(validation_alias=AliasChoices("b", "c"))


class Times(Base):
    duration: Annotated[datetime.timedelta, Field(ge=datetime.timedelta(0))] = datetime.timedelta(0)
    date: datetime.date = datetime.date(2024, 1, 1)


class Rules(Base):
    low: int
    high: int
    even: int = 0
    word: str = ""

    @field_validator("even")
    @classmethod
    def is_even(cls, value):
        if value % 2:
            raise ValueError("must be even")
        return value

    @field_validator("word", mode="before")
    @classmethod
    def trim(cls, value):
        return value.strip() if isinstance(value, str) else value

    @model_validator(mode="after")
    def in_order(self):
        if self.low > self.high:
            raise ValueError("low is above high")
        return self


# What Pydantic puts into a location for the member of a union or the key of a dict.
LABELS = {"cat", "dog", "int", "str", "list[bool]", "[key]"}


def location(loc):
    path = ""
    for part in loc:
        if part in LABELS:
            continue
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else part
    return path


def main():
    cases = json.load(sys.stdin)
    verdicts = []
    for case in cases:
        try:
            globals()[case["type"]].model_validate(case["value"])
            verdicts.append({"valid": True, "locations": []})
        except ValidationError as error:
            verdicts.append({"valid": False, "locations": sorted({location(e["loc"]) for e in error.errors()})})
    json.dump(verdicts, sys.stdout)


main()
