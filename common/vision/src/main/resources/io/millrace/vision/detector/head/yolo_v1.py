# The head of YOLO (Redmon et al. 2016, arXiv 1506.02640) on one map: boxes and one distribution of classes for every cell.
#
# Shape suffixes: N pictures, S cells of a picture, row by row; P predictors of a cell, C classes, G cells of all pictures,
# K objects, B ignored boxes of a picture (padded).
#
# A predictor gives x and y from the cell's corner in cells, the roots of width and height as shares of the input, and
# its confidence.
import torch
from torch import Tensor
from typing import List, NamedTuple


class Head(NamedTuple):
    convs: List[Conv]
    layers: List[Linear]  # two that see the whole map, or none
    output: List[Conv]  # one that sees each cell, or none
    dropout: float  # share of the hidden units that a picture learns without
    stride: int  # pixels of the input between cells
    rows: int
    columns: int
    predictors: int
    class_count: int
    rescore: bool  # a confidence learns the overlap rather than 1
    box_weight: float
    empty_weight: float


class Predicted(NamedTuple):
    boxes_GP5: Tensor
    classes_GC: Tensor


class Prepared(NamedTuple):
    """What cells learn."""

    object_G: Tensor  # 1: there is one
    empty_G: Tensor  # 1: confidences learn 0, unless they are responsible
    values_G4: Tensor  # x, y, roots of width and height
    class_GC: Tensor


def _head_width(head: Head) -> int:
    return 5 * head.predictors + head.class_count


def dropped_out(x_NO: Tensor, seeds_N: Tensor, share: float) -> Tensor:
    """About a share of each picture's values as zeros, which ones follows from its seed; the others grow by as much."""
    return x_NO * (uniform(seeds_N, 1, torch.size(x_NO, 1), precise_like(x_NO)) >= share) / (1.0 - share)


def _predicted(level_NCHW: Tensor, head: Head, seeds_N: Tensor, run: Run) -> Predicted:
    x = tower(level_NCHW, head.convs, run)
    for conv in head.output:
        x = torch.permute(predicted(x, conv, run), [0, 2, 3, 1])
    if len(head.layers) > 0:
        x = torch.leaky_relu(plain_linear(torch.flatten(x, 1), head.layers[0]), 0.1)
        if run.learning and head.dropout > 0.0:
            x = dropped_out(x, seeds_N, head.dropout)
        x = predicted_values(x, head.layers[1])
    each = torch.reshape(x, [-1, _head_width(head)])
    boxes = torch.reshape(torch.narrow(each, 1, 0, 5 * head.predictors), [-1, head.predictors, 5])
    return Predicted(boxes, torch.narrow(each, 1, 5 * head.predictors, head.class_count))


def _cells(rows: Tensor, head: Head) -> Tensor:
    """The cell of the centre of each row's box."""
    x = torch.floor(column(rows, 2) / head.stride).to(torch.int64)
    y = torch.floor(column(rows, 3) / head.stride).to(torch.int64)
    return (column(rows, 0).to(torch.int64) * head.rows + y) * head.columns + x


def _share_of_input(head: Head, like: Tensor) -> Tensor:
    sides = [float(head.columns * head.stride), float(head.rows * head.stride)]
    return torch.tensor(sides, dtype=like.dtype, device=like.device)


def _empty(head: Head, truth: Truth) -> Tensor:
    """0 for cells whose middle is within an ignored box: [G]."""
    like = truth.objects_K7
    cells = head.rows * head.columns
    middle_11S2 = torch.reshape(cell_corners(head.stride, head.rows, head.columns, like) + head.stride * 0.5, [1, 1, cells, 2])
    empty_NS = torch.ones([truth.pictures, cells], dtype=like.dtype, device=like.device)
    for some in some_boxes(padded(truth.ignored_B7, truth.pictures), cells):
        boxes_NB14 = torch.unsqueeze(some.corners_NP4, 2)
        away_NBS2 = middle_11S2 - torch.narrow(boxes_NB14, 3, 0, 2)
        left_NBS2 = torch.narrow(boxes_NB14, 3, 2, 2) - middle_11S2
        within_NBS = torch.all(torch.logical_and(away_NBS2 > 0.0, left_NBS2 > 0.0), 3)
        empty_NS = empty_NS * torch.logical_not(torch.any(within_NBS, 1))
    return torch.flatten(empty_NS)


def first_objects(cells_K: Tensor, cells: int) -> Tensor:
    """The first of the objects of every cell, or their number: [G]. A cell learns one, as in Darknet."""
    none_G = torch.full([cells], torch.size(cells_K, 0), dtype=torch.int64, device=cells_K.device)
    places_K = torch.arange(torch.size(cells_K, 0), device=cells_K.device)
    return torch.scatter_reduce(none_G, 0, cells_K, places_K, "amin")


def prepare(head: Head, truth: Truth) -> Prepared:
    cells = truth.pictures * head.rows * head.columns
    rows_K7 = truth.objects_K7
    cells_K = _cells(rows_K7, head)
    first_G = first_objects(cells_K, cells)
    object_G = first_G < torch.size(rows_K7, 0)
    position_K2 = torch.frac(torch.narrow(rows_K7, 1, 2, 2) / head.stride)
    root_K2 = torch.sqrt(torch.narrow(rows_K7, 1, 4, 2) / _share_of_input(head, rows_K7))
    class_KC = one_hot(column(rows_K7, 1).to(torch.int64), head.class_count, rows_K7)
    values = torch.cat([position_K2, root_K2, class_KC], 1)
    none = torch.zeros([1, 4 + head.class_count], dtype=rows_K7.dtype, device=rows_K7.device)
    learned = torch.index_select(torch.cat([values, none]), 0, first_G)
    values_G4 = torch.narrow(learned, 1, 0, 4)
    class_GC = torch.narrow(learned, 1, 4, head.class_count)
    return Prepared(object_G.to(rows_K7.dtype), _empty(head, truth), values_G4, class_GC)


def _boxes(values: Tensor, head: Head) -> Tensor:
    """Corners of boxes in pixels from the corner of their cell, of x, y and the roots of width and height."""
    centre = torch.narrow(values, -1, 0, 2) * head.stride
    size = torch.square(torch.narrow(values, -1, 2, 2)) * _share_of_input(head, values)
    return corners(torch.cat([centre, size], -1))


def responsible(overlap_GP: Tensor, distance_GP: Tensor) -> Tensor:
    """1 for the predictor that overlaps most with the object, or that is nearest to it if none does."""
    apart_G1 = torch.amax(overlap_GP, [1], True) <= 0.0
    best_G1 = torch.argmax(torch.where(apart_G1, -distance_GP, overlap_GP), 1, True)
    return torch.scatter(torch.zeros_like(overlap_GP), 1, best_G1, 1.0)


def _distances(found_GP4: Tensor, values_G4: Tensor, head: Head) -> Tensor:
    """Root of the mean square of the differences of centres and sides, as shares of the input."""
    boxes_GP4 = centred(_boxes(found_GP4, head)) - centred(_boxes(torch.unsqueeze(values_G4, 1), head))
    sides_2 = _share_of_input(head, values_G4)
    return torch.sqrt(torch.mean(torch.square(boxes_GP4 / torch.cat([sides_2, sides_2])), [2]))


def count(head: Head, truth: Truth, prepared: Prepared) -> Tensor:
    """Pictures: [1]."""
    return torch.tensor([truth.pictures], dtype=torch.float64)


def losses(
    levels: List[Tensor], head: Head, truth: Truth, prepared: Prepared, counts: List[float], run: Run
) -> List[Tensor]:
    """Total, position, size, object, empty and class loss: sums over the cells of a picture (equation 3)."""
    pictures, = counts
    found = _predicted(levels[0], head, truth.seeds_N, run)
    values_GP4 = torch.narrow(found.boxes_GP5, 2, 0, 4)
    confidence_GP = column(found.boxes_GP5, 4)
    overlap_GP = iou(_boxes(values_GP4, head), _boxes(torch.unsqueeze(prepared.values_G4, 1), head)).detach()
    distance_GP = _distances(values_GP4.detach(), prepared.values_G4, head)
    own_GP = responsible(overlap_GP, distance_GP) * torch.unsqueeze(prepared.object_G, 1)
    wanted_GP = overlap_GP if head.rescore else torch.ones_like(overlap_GP)
    empty_GP = (1.0 - own_GP) * torch.unsqueeze(torch.maximum(prepared.empty_G, prepared.object_G), 1)
    away_GP4 = torch.square(values_GP4 - torch.unsqueeze(prepared.values_G4, 1)) * torch.unsqueeze(own_GP, 2)
    share = share_of(confidence_GP, pictures)
    position = torch.sum(torch.narrow(away_GP4, 2, 0, 2)) / share
    size = torch.sum(torch.narrow(away_GP4, 2, 2, 2)) / share
    objects = torch.sum(torch.square(confidence_GP - wanted_GP) * own_GP) / share
    empty = torch.sum(torch.square(confidence_GP) * empty_GP) / share
    classes_G = torch.sum(torch.square(found.classes_GC - prepared.class_GC), [1])
    classes = torch.sum(classes_G * prepared.object_G) / share
    total = head.box_weight * (position + size) + objects + head.empty_weight * empty + classes
    return [total, position, size, objects, empty, classes]


def candidates(levels: List[Tensor], head: Head, top: int, run: Run) -> Tensor:
    """Boxes by class times confidence: [N, top or less, 6]."""
    n = torch.size(levels[0], 0)
    found = _predicted(levels[0], head, torch.zeros([n], dtype=torch.int64), run)
    starts_S2 = cell_corners(head.stride, head.rows, head.columns, found.classes_GC)
    boxes_GP4 = _boxes(torch.narrow(found.boxes_GP5, 2, 0, 4), head)
    boxes_NSP4 = torch.reshape(boxes_GP4, [n, -1, head.predictors, 4])
    boxes_NSP4 = boxes_NSP4 + torch.reshape(torch.cat([starts_S2, starts_S2], 1), [1, -1, 1, 4])
    confidence_GP1 = torch.clamp(torch.narrow(found.boxes_GP5, 2, 4, 1), 0.0, 1.0)
    score_GPC = confidence_GP1 * torch.unsqueeze(torch.clamp(found.classes_GC, 0.0, 1.0), 1)
    score_NAC = torch.reshape(score_GPC, [n, -1, head.class_count])
    return ranked(torch.reshape(boxes_NSP4, [n, -1, 4]), score_NAC, top)
