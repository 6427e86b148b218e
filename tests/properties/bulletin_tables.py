"""Random tables with planted relations, one spoiled figure, and the cells that may rightly be blamed for it."""

from dataclasses import dataclass, field
from fractions import Fraction
from random import Random

from shared.bulletins.figures import as_printed, parse_figure
from shared.bulletins.reading import Sheet
from shared.bulletins.rounding import Rounding, rounded

AMOUNTS = "计划数 到位资金 支出资金 贷款户数 监测户数 脱贫户数 投资额 产业资金 项目资金 面积".split()  # noqa: SIM905  a list to read
COUNTIES = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏"
HUNDRED = Fraction(100)

Place = tuple[int, int]
"""Row and column of a made table, from 0, without heading and label."""


@dataclass
class Column:
    """A column: `kind` base, sum, difference, ratio, growth or rank, made from the columns `inputs`."""

    name: str
    places: int
    kind: str = "base"
    inputs: tuple[int, ...] = ()
    rounding: Rounding = Rounding.HALF_UP
    cells: list[Fraction | None] = field(default_factory=list)


@dataclass
class Spoiled:
    """The figure that was changed, and the cells that may be blamed."""

    place: Place
    printed: str
    blamable: set[Place]


@dataclass
class Grown:
    """A table under construction."""

    random: Random
    rows: list[str] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    total: int | None = None
    order: list[int] = field(default_factory=list)
    has_serial: bool = False
    has_remark: bool = False
    separates: bool = False

    def sheet(self) -> Sheet:
        """The table as it would be printed."""
        head = [*["序号"] * self.has_serial, "县区", *(self.columns[at].name for at in self.order)]
        lines = [head + ["备注"] * self.has_remark]
        number = 0
        for row, label in enumerate(self.rows):
            number += row != self.total
            serial = ["" if row == self.total else str(number)] * self.has_serial
            cells = [self.text(row, at) for at in self.order]
            lines.append([*serial, label, *cells, *(["第一批"] if row % 3 else ["含结转"]) * self.has_remark])
        return Sheet("", lines)

    def text(self, row: int, column: int) -> str:
        cell = self.columns[column].cells[row]
        if cell is None:
            return ""
        text = as_printed(cell, self.columns[column].places)
        return f"{int(text):,}" if self.separates and text.isdigit() else text

    def numbers(self, place: Place) -> tuple[int, int]:
        """Row and column of a cell as a finding gives them."""
        return place[0] + 2, self.order.index(place[1]) + 2 + self.has_serial

    def users(self, column: int) -> list[int]:
        """Columns made from this one by arithmetic."""
        return [at for at, each in enumerate(self.columns) if column in each.inputs and each.kind != "rank"]

    def shuffle(self) -> None:
        """Columns and rows in another order, a serial number and a remark beside; total and relations stay."""
        self.random.shuffle(self.order)
        items = [row for row in range(len(self.rows)) if row != self.total]
        mixed = self.random.sample(items, len(items))
        where = dict(zip(items, mixed, strict=True))
        for column in self.columns:
            column.cells = [column.cells[where.get(row, row)] for row in range(len(self.rows))]
        self.rows = [self.rows[where.get(row, row)] for row in range(len(self.rows))]
        self.has_serial = self.has_remark = self.separates = True


def grown(seed: int, *, is_named: bool = True) -> Grown:
    """A table of counties: amounts, and columns made from them; with a total below, above, or none."""
    random = Random(seed)
    table = Grown(random)
    size = random.choice([8, 10, 13, 16, 20, 31])
    names = random.sample(AMOUNTS, 5) if is_named else [f"指标{at}" for at in range(5)]
    for name in names[: random.randint(3, 5)]:
        table.columns.append(_amounts(random, name, size))
    _derive(table, is_named=is_named)
    table.rows = [f"{name}县" for name in random.sample(sorted(set(COUNTIES)), size)]
    table.total = random.choice([size, size, 0, None])
    if table.total is not None:
        table.rows.insert(table.total, random.choice(["合计", "全县", "总计"]))
    for column in table.columns:
        known = [cell for cell in column.cells if cell is not None]
        if table.total is not None:
            column.cells.insert(table.total, sum(known, Fraction(0)) if known else None)
    for column in table.columns:
        _compute(table, column)
    table.order = list(range(len(table.columns)))
    return table


def _amounts(random: Random, name: str, size: int) -> Column:
    places, top = random.choice([0, 0, 1, 2]), random.choice([3, 4, 5])
    whole = [int(10 ** random.uniform(top - 1.7, top)) + 1 for _ in range(size)]
    return Column(
        name, places, cells=[Fraction(each * 10**places + random.randrange(10**places), 10**places) for each in whole]
    )


def _derive(table: Grown, *, is_named: bool) -> None:
    """Plant columns made from others."""
    random, size = table.random, len(table.columns[0].cells)
    base = list(range(len(table.columns)))

    def plant(name: str, kind: str, count: int, places: int, rounding: Rounding = Rounding.HALF_UP) -> None:
        inputs = tuple(random.sample(base, count))
        label = name if is_named else f"指标{len(table.columns)}"
        table.columns.append(Column(label, places, kind, inputs, rounding, [None] * size))

    if random.random() < 0.7:
        plant("合计金额", "sum", random.randint(2, 3), 2)
    if random.random() < 0.5:
        plant("结余", "difference", 2, 2)
    if random.random() < 0.8:
        plant("支出率(%)", "ratio", 2, random.choice([1, 2]), random.choice([Rounding.HALF_UP, Rounding.TRUNCATE]))
    if random.random() < 0.4:
        plant("占比(%)", "ratio", 3, 2)
    if random.random() < 0.4:
        plant("增长(%)", "growth", 2, 2, random.choice([Rounding.HALF_UP, Rounding.HALF_EVEN]))
    rates = [at for at, column in enumerate(table.columns) if column.kind in {"ratio", "growth"}]
    if rates and random.random() < 0.5:
        table.columns.append(Column("排名", 0, "rank", (rates[0],), cells=[None] * size))


def _compute(table: Grown, column: Column) -> None:
    """Fill a made column, the total row too; a rank has none."""
    if column.kind == "base":
        return
    for row in range(len(table.rows)):
        inputs = [table.columns[at].cells[row] or Fraction(0) for at in column.inputs]
        if column.kind == "rank":
            others = [
                table.columns[column.inputs[0]].cells[r] or Fraction(0)
                for r in range(len(table.rows))
                if r != table.total
            ]
            column.cells[row] = None if row == table.total else Fraction(1 + sum(other > inputs[0] for other in others))
        else:
            column.cells[row] = rounded(_exact(column.kind, inputs), column.places, column.rounding)


def _exact(kind: str, inputs: list[Fraction]) -> Fraction:
    match kind:
        case "sum":
            return sum(inputs, Fraction(0))
        case "difference":
            return inputs[0] - inputs[1]
        case "growth":
            return (inputs[0] - inputs[1]) / inputs[1] * HUNDRED
        case _:
            return inputs[0] / sum(inputs[1:], Fraction(0)) * HUNDRED


def spoil(table: Grown) -> Spoiled | None:
    """Change one digit of one figure by enough to matter; None when nothing in the table could show it."""
    random = table.random
    for _ in range(50):
        row, at = random.randrange(len(table.rows)), random.randrange(len(table.columns))
        column, cell = table.columns[at], table.columns[at].cells[row]
        blamable = _blamable(table, row, at)
        if cell is None or not blamable:
            continue
        text = as_printed(cell, column.places)
        digit = random.choice([place for place, sign in enumerate(text) if sign.isdigit()])
        figure = parse_figure(text[:digit] + random.choice("123456789") + text[digit + 1 :])
        if figure is None or abs(figure.value - cell) * 50 < abs(cell):
            continue
        if column.kind == "rank" and figure.value > len(table.rows):
            continue
        column.cells[row] = figure.value
        return Spoiled((row, at), figure.text, blamable)
    return None


def _blamable(table: Grown, row: int, at: int) -> set[Place]:
    """Where the mistake may be laid: at the figure; at the total when only the total shows it; else at one of its relation."""
    column, users = table.columns[at], table.users(at)
    if column.kind != "base" or row == table.total or len(users) + (table.total is not None) > 1:
        return {(row, at)}
    if table.total is not None:
        return {(table.total, at)}
    return {(row, each) for user in users for each in (user, *table.columns[user].inputs)}


def unrelated(seed: int) -> Sheet:
    """Figures that have nothing to do with each other: uniform, small, decimal, of all sizes, or round."""
    random = Random(seed)
    rows, width = random.choice([(5, 3), (8, 5), (12, 8), (20, 10), (30, 6), (4, 4), (6, 12)])
    unit = ["", "(%)", "(万元)", "(户)"][seed // 5 % 4]
    makers = (
        lambda: str(random.randrange(1, 1000)),
        lambda: str(random.randrange(10)),
        lambda: f"{random.uniform(0, 100):.2f}",
        lambda: str(int(10 ** random.uniform(0, 6))),
        lambda: str(random.randrange(1, 40) * 100),
    )
    lines = [["地区", *(f"数{at}{unit if at % 2 else ''}" for at in range(width))]]
    lines += [[f"区{row}", *(makers[seed % 5]() for _ in range(width))] for row in range(rows)]
    return Sheet("", lines)
