# Crops that the networks of MTCNN learn from: squares beside, around and upon the objects of a picture.
#
# Shape suffixes: K objects, B ignored boxes, S squares that are tried, R those that are learned from. Boxes by their corners.
import torch
from torch import Tensor
from typing import List, NamedTuple


class CropRule(NamedTuple):
    """How many crops of a picture there are at most, and what they overlap with, as IoU."""

    negatives: int
    parts: int
    positives: int
    background: float  # below, they are negative
    part: float  # from here, parts of objects: they learn the box only
    positive: float  # from here, objects


class Crops(NamedTuple):
    """Negatives, then positives, then parts, of each picture."""

    boxes_R4: Tensor
    picture_R: Tensor
    objects_R4: Tensor  # negatives have their own boxes
    scored: List[int]  # negatives and positives of each picture, which learn the score
    boxed: Tensor  # places of positives and parts, which learn the box
    scored_at: Tensor  # places of those that learn the score, picture by picture
    classes: Tensor  # what these learn: 0 background, 1 object


def _between(u_S: Tensor, low: Tensor, high: Tensor) -> Tensor:
    return low + u_S * (high - low)


def _anywhere(seed: Tensor, stream: int, count: int, size: List[int], like: Tensor) -> Tensor:
    """Squares within the picture, from 12 pixels to half of its shorter side."""
    height, width, = size
    u_S, v_S, s_S, = torch.unbind(torch.reshape(uniform(seed, stream, 3 * count, like), [3, -1]))
    most = float(min(height, width)) / 2.0
    side_S = min(12.0, most) + s_S * max(most - 12.0, 0.0)
    left_S = u_S * (width - side_S)
    top_S = v_S * (height - side_S)
    return torch.stack([left_S, top_S, left_S + side_S, top_S + side_S], 1)


def _upon(objects_K4: Tensor, seed: Tensor, stream: int, count: int, spread: float) -> Tensor:
    """Squares of about an object's size, whose centre is up to a share of its sides off."""
    object_S = torch.remainder(hashes(seed, stream + 1, count), torch.size(objects_K4, 0))
    x_S, y_S, w_S, h_S, = torch.unbind(torch.index_select(centred(objects_K4), 0, object_S), 1)
    u_S, v_S, s_S, = torch.unbind(torch.reshape(uniform(seed, stream, 3 * count, objects_K4), [3, -1]))
    side_S = _between(s_S, 0.8 * torch.minimum(w_S, h_S), 1.25 * torch.maximum(w_S, h_S))
    x_S = x_S + (u_S * 2.0 - 1.0) * spread * w_S
    y_S = y_S + (v_S * 2.0 - 1.0) * spread * h_S
    return corners(torch.stack([x_S, y_S, side_S, side_S], 1))


def tried(objects_K4: Tensor, seed: Tensor, stream: int, rule: CropRule, size: List[int]) -> Tensor:
    """Squares of which those that are learned from are drawn: [S, 4]."""
    squares = [_anywhere(seed, stream, 3 * rule.negatives, size, objects_K4)]
    if torch.size(objects_K4, 0) > 0:
        # Beside objects, where background is hard to tell from them; then upon them.
        squares.append(_upon(objects_K4, seed, stream + 2, 3 * rule.negatives, 1.0))
        squares.append(_upon(objects_K4, seed, stream + 4, 8 * (rule.positives + rule.parts), 0.2))
    return torch.cat(squares)


def _overlaps(boxes_B4: Tensor, squares_S4: Tensor) -> Tensor:
    """IoU: [B, S]."""
    return torch.squeeze(iou_of_pairs(torch.unsqueeze(boxes_B4, 0), torch.unsqueeze(squares_S4, 0)), 0)


def _overlapping(squares_S4: Tensor, boxes_B4: Tensor, background: float) -> Tensor:
    """Squares that are no background because of ignored boxes."""
    if torch.size(boxes_B4, 0) == 0:
        return torch.zeros([torch.size(squares_S4, 0)], dtype=torch.bool, device=squares_S4.device)
    shared_BS = intersection(torch.unsqueeze(boxes_B4, 1), torch.unsqueeze(squares_S4, 0))
    covered_S = torch.amax(shared_BS / torch.clamp(area(squares_S4), 1e-9), [0]) >= 0.5
    return torch.logical_or(covered_S, torch.amax(_overlaps(boxes_B4, squares_S4), [0]) >= background)


def _drawn_from(kind_S: Tensor, given: int, seed: Tensor, stream: int, most: int) -> Tensor:
    """Places of squares of a kind: of the given ones, which come first, as many as there may be; then of the others."""
    if given == 0:
        return drawn(kind_S, seed, stream, most)
    first_S = torch.arange(torch.size(kind_S, 0), device=kind_S.device) < given
    first = drawn(torch.logical_and(kind_S, first_S), seed, stream + 3, most)
    others_S = torch.logical_and(kind_S, torch.logical_not(first_S))
    return torch.cat([first, drawn(others_S, seed, stream, most - torch.size(first, 0))])


def _crops_of(picture: int, truth: Truth, stream: int, rule: CropRule, given_S4: Tensor) -> Crops:
    objects_K4 = corners_of_rows(rows_of_picture(truth.objects_K7, picture))
    ignored_B4 = corners_of_rows(rows_of_picture(truth.ignored_B7, picture))
    seed = torch.select(truth.seeds_N, 0, picture)
    given = torch.size(given_S4, 0)
    random_S4 = tried(objects_K4, seed, stream, rule, [truth.height, truth.width])
    squares = torch.cat([given_S4, random_S4.to(given_S4.dtype)])
    if torch.size(objects_K4, 0) > 0:
        most_S, object_S = torch.max(_overlaps(objects_K4, squares), 0)
        nearest = torch.index_select(objects_K4, 0, object_S)
    else:
        most_S = torch.zeros_like(torch.select(squares, 1, 0))
        nearest = squares
    negative_S = torch.logical_and(most_S < rule.background, torch.logical_not(_overlapping(squares, ignored_B4, rule.background)))
    part_S = torch.logical_and(most_S >= rule.part, most_S < rule.positive)
    negative = _drawn_from(negative_S, given, seed, stream + 6, rule.negatives)
    positive = _drawn_from(most_S >= rule.positive, given, seed, stream + 7, rule.positives)
    part = _drawn_from(part_S, given, seed, stream + 8, rule.parts)
    return _arranged(squares, nearest, negative, positive, part, picture)


def _arranged(squares: Tensor, nearest: Tensor, negative: Tensor, positive: Tensor, part: Tensor, picture: int) -> Crops:
    at = torch.cat([negative, positive, part])
    scored = torch.size(negative, 0) + torch.size(positive, 0)
    places = torch.arange(torch.size(at, 0), device=at.device)
    boxes = torch.index_select(squares, 0, at)
    objects = torch.cat([torch.index_select(squares, 0, negative), torch.index_select(nearest, 0, torch.cat([positive, part]))])
    classes = torch.cat([torch.zeros_like(negative), torch.ones_like(positive)])
    first = torch.size(negative, 0)
    boxed = torch.narrow(places, 0, first, torch.size(at, 0) - first)
    return Crops(boxes, torch.full_like(at, picture), objects, [scored], boxed, torch.narrow(places, 0, 0, scored), classes)


def crops(truth: Truth, stream: int, rule: CropRule, given: List[Tensor]) -> Crops:
    """Of all pictures; a picture without objects has negatives only.

    The squares that are given for each picture are learned from first, then random ones of the same kind.
    """
    all_of: List[Crops] = []
    for picture in range(truth.pictures):
        all_of.append(_crops_of(picture, truth, stream, rule, given[picture]))
    boxes: List[Tensor] = []
    pictures: List[Tensor] = []
    objects: List[Tensor] = []
    scored: List[int] = []
    boxed: List[Tensor] = []
    scored_at: List[Tensor] = []
    classes: List[Tensor] = []
    first = 0
    for one in all_of:
        boxes.append(one.boxes_R4)
        pictures.append(one.picture_R)
        objects.append(one.objects_R4)
        scored.append(one.scored[0])
        boxed.append(one.boxed + first)
        scored_at.append(one.scored_at + first)
        classes.append(one.classes)
        first += torch.size(one.picture_R, 0)
    at = torch.cat(scored_at)
    return Crops(torch.cat(boxes), torch.cat(pictures), torch.cat(objects), scored, torch.cat(boxed), at, torch.cat(classes))
