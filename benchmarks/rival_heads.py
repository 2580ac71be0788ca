"""The heads of rival_detector.py in plain PyTorch: targets picture by picture as torchvision makes them, losses by autograd.

Each head reads its numbers from config.json and its weights by the names of model.safetensors. `forward` gives what the
network says, `loss` what it learns from a batch's boxes (rows of picture, class, centre x, centre y, width, height in
pixels), `decode` the best boxes of one picture as left, top, width, height, score, class.
"""

import math

import torch
import torch.nn.functional as F

try:
    from torchvision import ops
except (ImportError, RuntimeError):  # Not there, or of another build than torch.
    ops = None

CANDIDATES = 1000
MOST = 100


def corners(centred: torch.Tensor) -> torch.Tensor:
    x, y, w, h = centred.unbind(-1)
    return torch.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], -1)


def centred(boxes: torch.Tensor) -> torch.Tensor:
    x1, y1, x2, y2 = boxes.unbind(-1)
    return torch.stack([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1], -1)


def area(boxes: torch.Tensor) -> torch.Tensor:
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def box_iou(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    sides = (torch.min(a[:, None, 2:], b[:, 2:]) - torch.max(a[:, None, :2], b[:, :2])).clamp(min=0)
    shared = sides[..., 0] * sides[..., 1]
    return shared / (area(a)[:, None] + area(b) - shared).clamp(min=1e-9)


def elementwise(a: torch.Tensor, b: torch.Tensor, generalised: bool) -> torch.Tensor:
    sides = (torch.min(a[:, 2:], b[:, 2:]) - torch.max(a[:, :2], b[:, :2])).clamp(min=0)
    shared = sides[:, 0] * sides[:, 1]
    union = area(a) + area(b) - shared
    if not generalised:
        return shared / union
    around = torch.max(a[:, 2:], b[:, 2:]) - torch.min(a[:, :2], b[:, :2])
    enclosing = around[:, 0] * around[:, 1]
    return shared / union - (enclosing - union) / enclosing


def encode(boxes: torch.Tensor, anchors: torch.Tensor, centre: float, size: float) -> torch.Tensor:
    b, a = centred(boxes), centred(anchors)
    return torch.cat([(b[..., :2] - a[..., :2]) / a[..., 2:] / centre, (b[..., 2:] / a[..., 2:]).log() / size], -1)


def decoded(deltas: torch.Tensor, anchors: torch.Tensor, centre: float, size: float) -> torch.Tensor:
    a = centred(anchors)
    sides = (deltas[..., 2:] * size).clamp(max=math.log(62.5)).exp() * a[..., 2:]
    return corners(torch.cat([a[..., :2] + deltas[..., :2] * centre * a[..., 2:], sides], -1))


def nms(boxes: torch.Tensor, scores: torch.Tensor, threshold: float, most: int) -> torch.Tensor:
    """Places of what is kept of boxes by falling score; torchvision's in C++ where it can be loaded."""
    if ops:
        return ops.nms(boxes, scores, threshold)[:most]
    over = box_iou(boxes, boxes) > threshold
    left = torch.ones(len(boxes), dtype=torch.bool)
    kept = []
    while len(kept) < most and bool(left.any()):
        at = int(left.to(torch.uint8).argmax())
        kept.append(at)
        left &= ~over[at]
        left[at] = False
    return torch.tensor(kept, dtype=torch.long)


def best_rows(boxes: torch.Tensor, scores: torch.Tensor, threshold: float) -> torch.Tensor:
    """Of one picture: the best boxes of all classes after suppression within each."""
    classes = scores.shape[1]
    found, at = scores.flatten().topk(min(CANDIDATES, scores.numel()))
    found = found[found > 0.01]
    at = at[: len(found)]
    own, label = boxes[at // classes], (at % classes).float()
    apart = own + (label * 4096)[:, None]
    kept = nms(apart, found, threshold, MOST)
    own = own[kept]
    return torch.cat([own[:, :2], own[:, 2:] - own[:, :2], found[kept, None], label[kept, None]], 1)


def match(objects: torch.Tensor, anchors: torch.Tensor, rule: dict) -> torch.Tensor:
    """As torchvision's Matcher: the object of each anchor, -1 background, -2 neither."""
    found = torch.full((len(anchors),), -1)
    if len(objects) == 0:
        return found
    iou = box_iou(objects, anchors)
    most, at = iou.max(0)
    found[most >= rule["background"]] = -2
    found = torch.where(most >= rule["positive"], at, found)
    if rule["leftover"] == "best":
        best = iou.amax(1, keepdim=True)
        _, lucky = ((iou == best) & (iou > 0)).nonzero(as_tuple=True)
        found[lucky] = at[lucky]
    if rule["leftover"] == "compensated":
        given = torch.bincount(found[found >= 0], minlength=len(objects))
        average = max(int(given.sum()) // len(objects), 1)
        overlap, near = iou.topk(min(average, len(anchors)), 1)
        asked = torch.zeros_like(iou).scatter_(1, near, overlap * (overlap > 0.1)) * (given < average)[:, None]
        own, which = asked.max(0)
        found = torch.where((own > 0) & (found < 0), which, found)
    return found


def cell_anchors(cell: dict, stride: int, rows: int, columns: int) -> torch.Tensor:
    own = []
    for shape in cell["shapes"]:
        assert shape["density"] == 1, "this side has no dense anchors"
        for ratio in shape["ratios"]:
            w, h = shape["size"] / math.sqrt(ratio), shape["size"] * math.sqrt(ratio)
            own.append([stride / 2 - w / 2, stride / 2 - h / 2, stride / 2 + w / 2, stride / 2 + h / 2])
    y, x = torch.meshgrid(torch.arange(rows) * stride, torch.arange(columns) * stride, indexing="ij")
    start = torch.stack([x, y, x, y], -1).reshape(-1, 1, 4)
    return (start + torch.tensor(own)).reshape(-1, 4)


def by_place(x: torch.Tensor, values: int) -> torch.Tensor:
    n, _, h, w = x.shape
    return x.view(n, -1, values, h, w).permute(0, 3, 4, 1, 2).reshape(n, -1, values)


def focal(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """torchvision.ops.sigmoid_focal_loss, as it is written there."""
    p = torch.sigmoid(logits)
    entropy = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    p_t = p * target + (1 - p) * (1 - target)
    return (0.25 * target + 0.75 * (1 - target)) * entropy * (1 - p_t) ** 2


class Head:
    def __init__(self, net, config: dict) -> None:
        self.net = net
        self.numbers = config["head"]
        self.classes = len(config["classes"])
        self.size = config["input_height"], config["input_width"]

    def tower(self, x: torch.Tensor, name: str) -> torch.Tensor:
        for i in range(self.numbers["depth"]):
            x = self.net.conv(x, f"{name}{i}")
        return x

    def anchors(self, cells: list, levels: list[torch.Tensor]) -> torch.Tensor:
        found = []
        for cell, level in zip(cells, levels):
            rows, columns = level.shape[2:]
            found.append(cell_anchors(cell, -(-self.size[1] // columns), rows, columns))
        return torch.cat(found)


class CenterNet(Head):
    def forward(self, levels):
        x = self.net.conv(levels[0], "head.hidden")
        return self.net.plain(x, "head.heat"), self.net.plain(x, "head.box")

    @staticmethod
    def radius(width, height):
        """As CenterNet's published code has it."""
        overlap, w, h = 0.7, torch.ceil(width), torch.ceil(height)
        total, area = w + h, w * h
        r1 = (total + torch.sqrt(total**2 - 4 * area * (1 - overlap) / (1 + overlap))) / 2
        r2 = (2 * total + torch.sqrt(4 * total**2 - 16 * (1 - overlap) * area)) / 2
        r3 = (torch.sqrt(4 * overlap**2 * total**2 + 16 * overlap * (1 - overlap) * area) - 2 * overlap * total) / 2
        return torch.floor(torch.minimum(torch.minimum(r1, r2), r3)).clamp(min=0)

    def targets(self, boxes, shape):
        n, c, h, w = shape
        spread = self.radius(boxes[:, 4], boxes[:, 5])[:, None]
        sigma = 2 * ((2 * spread + 1) / 6) ** 2
        dx = torch.arange(w) - torch.floor(boxes[:, 2:3])
        dy = torch.arange(h) - torch.floor(boxes[:, 3:4])
        gx = torch.exp(-(dx**2) / sigma) * (dx.abs() <= spread)
        gy = torch.exp(-(dy**2) / sigma) * (dy.abs() <= spread)
        maps = (boxes[:, 0] * c + boxes[:, 1]).long()
        heat = torch.zeros(n * c, h, w)
        heat.index_reduce_(0, maps, gy[:, :, None] * gx[:, None, :], "amax")
        return heat.view(shape)

    def loss(self, said, boxes):
        logits, found = said
        boxes = boxes / torch.tensor([1, 1] + [self.size[0] // logits.shape[2]] * 4)
        target = self.targets(boxes, logits.shape)
        score = torch.sigmoid(logits)
        centre = (target == 1).float()
        positive = (1 - score) ** 2 * F.logsigmoid(logits) * centre
        negative = score**2 * F.logsigmoid(-logits) * (1 - target) ** 4
        heat = -(positive + negative).sum() / centre.sum().clamp(min=1)
        x, y = torch.floor(boxes[:, 2]).long(), torch.floor(boxes[:, 3]).long()
        own = found[boxes[:, 0].long(), :, y, x]
        values = 2 * len(boxes) + 1e-4
        offset = (own[:, :2] - torch.stack([boxes[:, 2] - x, boxes[:, 3] - y], 1)).abs().sum() / values
        size = (own[:, 2:] - boxes[:, 4:6]).abs().sum() / values
        return heat + offset + 0.1 * size

    def decode(self, said):
        logits, found = said
        score = torch.sigmoid(logits)
        score = score * (F.max_pool2d(score, 3, 1, 1) == score)
        n, _, h, w = score.shape
        best, at = score.flatten(1).topk(MOST)
        cell = at % (h * w)
        box = found.flatten(2).gather(2, cell[:, None].expand(n, 4, MOST))
        x, y = cell % w + box[:, 0], cell // w + box[:, 1]
        sides = [x - box[:, 2] / 2, y - box[:, 3] / 2, box[:, 2], box[:, 3]]
        stride = self.size[0] // h
        return torch.stack([*[side * stride for side in sides], best, (at // (h * w)).float()], 2)


class Fcos(Head):
    def locations(self, levels):
        """Points, strides, and the distances that a level is for."""
        points, strides, bounds = [], [], []
        limits = [0.0, *self.numbers["limits"], 1e9]
        for i, level in enumerate(levels):
            rows, columns = level.shape[2:]
            stride = -(-self.size[1] // columns)
            y, x = torch.meshgrid((torch.arange(rows) + 0.5) * stride, (torch.arange(columns) + 0.5) * stride, indexing="ij")
            points.append(torch.stack([x.flatten(), y.flatten()], 1))
            strides.append(torch.full((rows * columns,), float(stride)))
            bounds.append(torch.tensor([limits[i : i + 2]]).expand(rows * columns, 2))
        return torch.cat(points), torch.cat(strides), torch.cat(bounds)

    def forward(self, levels):
        logits, away, centre = [], [], []
        for i, level in enumerate(levels):
            x = self.tower(level, "head.box_tower")
            logits.append(by_place(self.net.wide(self.tower(level, "head.class_tower"), "head.classes"), self.classes))
            away.append(by_place(self.net.wide(x, "head.distances") * self.net.weight("head.scale")[i], 4))
            centre.append(by_place(self.net.wide(x, "head.centre"), 1))
        points, strides, bounds = self.locations(levels)
        away = torch.cat(away, 1).clamp(max=7).exp() * strides[:, None]
        boxes = torch.cat([points - away[..., :2], points + away[..., 2:]], 2)
        return torch.cat(logits, 1), boxes, torch.cat(centre, 1)[..., 0], (points, strides, bounds)

    def targets(self, boxes, places):
        """Of one picture, as torchvision's FCOS.compute_loss."""
        points, strides, bounds = places
        classes = torch.full((len(points),), -1)
        if len(boxes) == 0:
            return classes, torch.zeros(len(points), 4)
        own = corners(boxes[:, 2:6])
        sides = torch.cat([points[:, None] - own[None, :, :2], own[None, :, 2:] - points[:, None]], 2)
        inside = sides.amin(2) > 0
        largest = sides.amax(2)
        inside &= (largest > bounds[:, :1]) & (largest <= bounds[:, 1:])
        if self.numbers["radius"] > 0:
            away = (points[:, None] - boxes[None, :, 2:4]).abs().amax(2)
            inside &= away < self.numbers["radius"] * strides[:, None]
        sizes = torch.where(inside, area(own), 1e18)
        smallest, at = sizes.min(1)
        return torch.where(smallest < 1e18, boxes[at, 1].long(), classes), own[at]

    def loss(self, said, boxes):
        logits, found, centre, places = said
        each = [self.targets(boxes[boxes[:, 0] == n], places) for n in range(len(logits))]
        classes, wanted = (torch.stack(some) for some in zip(*each))
        own = classes >= 0
        hot = torch.zeros_like(logits)
        hot[own, classes[own]] = 1
        count = max(int(own.sum()), 1)
        points = places[0].expand(len(logits), -1, -1)[own]
        target = wanted[own]
        sides = torch.cat([points - target[:, :2], target[:, 2:] - points], 1)
        across, down = sides[:, [0, 2]], sides[:, [1, 3]]
        middle = torch.sqrt(across.amin(1) / across.amax(1) * down.amin(1) / down.amax(1))
        overlap = elementwise(found[own], target, self.numbers["box_loss"] == "giou")
        box = ((1 - overlap) * middle).sum() / middle.sum().clamp(min=1e-6)
        entropy = F.binary_cross_entropy_with_logits(centre[own], middle, reduction="sum")
        return focal(logits, hot).sum() / count + box + entropy / count

    def decode(self, said):
        logits, boxes, centre, _ = said
        return best_rows(boxes[0], torch.sqrt(logits[0].sigmoid() * centre[0].sigmoid()[:, None]), 0.6)


class Anchored(Head):
    def name(self, level: int) -> str:
        return "head" if self.numbers["shared"] else f"head.level{level}"

    def forward(self, levels):
        focal_loss = self.numbers["class_loss"] == "focal"
        logits, deltas = [], []
        for i, level in enumerate(levels):
            name = self.name(i)
            grounds = 0 if focal_loss else self.numbers["backgrounds"] if i == 0 else 1
            each = self.net.wide(self.tower(level, name + ".class_tower"), name + ".classes")
            each = by_place(each, grounds + self.classes)
            if grounds > 1:
                each = torch.cat([each[..., :grounds].amax(2, keepdim=True), each[..., grounds:]], 2)
            logits.append(each)
            deltas.append(by_place(self.net.wide(self.tower(level, name + ".box_tower"), name + ".deltas"), 4))
        return torch.cat(logits, 1), torch.cat(deltas, 1), self.anchors(self.numbers["anchors"], levels)

    def loss(self, said, boxes):
        logits, deltas, anchors = said
        classes, wanted = [], []
        for n in range(len(logits)):
            own = boxes[boxes[:, 0] == n]
            objects = corners(own[:, 2:6])
            found = match(objects, anchors, self.numbers["matching"])
            if len(own) == 0:
                classes.append(found)
                wanted.append(torch.zeros_like(anchors))
                continue
            at = found.clamp(min=0)
            classes.append(torch.where(found >= 0, own[at, 1].long(), found))
            wanted.append(encode(objects[at], anchors, self.numbers["centre_spread"], self.numbers["size_spread"]))
        label, wanted = torch.stack(classes), torch.stack(wanted)
        own = label >= 0
        count = max(int(own.sum()), 1)
        box = F.smooth_l1_loss(deltas[own], wanted[own], reduction="sum")
        if self.numbers["class_loss"] == "focal":
            hot = torch.zeros_like(logits)
            hot[own, label[own]] = 1
            score = focal(logits, hot)[label > -2].sum()
        else:
            score = self.softmax(logits, label)
        return (score + self.numbers["box_weight"] * box) / count

    def softmax(self, logits, label):
        """As torchvision's SSD.compute_loss."""
        target = (label + 1).clamp(min=0)
        loss = F.cross_entropy(logits.flatten(0, 1), target.flatten(), reduction="none").view_as(label)
        negative = loss.detach().clone()
        negative[label != -1] = -1
        rank = negative.argsort(1, descending=True).argsort(1)
        most = (label >= 0).sum(1, keepdim=True).clamp(min=1) * self.numbers["negatives"]
        hard = (rank < most) & (label == -1)
        return loss[(label >= 0) | hard].sum()

    def decode(self, said):
        logits, deltas, anchors = said
        boxes = decoded(deltas[0], anchors, self.numbers["centre_spread"], self.numbers["size_spread"])
        if self.numbers["class_loss"] == "focal":
            return best_rows(boxes, logits[0].sigmoid(), 0.5)
        return best_rows(boxes, logits[0].softmax(1)[:, 1:], 0.5)


class YoloV1(Head):
    def forward(self, levels):
        x = levels[0]
        self.grid = x.shape[2:]
        for i in range(self.numbers["depth"]):
            x = self.net.conv(x, f"head.conv{i}")
        if self.numbers["hidden"]:
            x = F.leaky_relu(self.net.linear(x.flatten(1), "head.hidden"), 0.1)
            x = self.net.linear(F.dropout(x, self.numbers["dropout"], self.net.training), "head.output")
        else:
            x = self.net.plain(x, "head.output").permute(0, 2, 3, 1)
        predictors = self.numbers["predictors"]
        each = x.reshape(len(levels[0]), -1, 5 * predictors + self.classes)
        return each[..., : 5 * predictors].unflatten(2, (predictors, 5)), each[..., 5 * predictors :]

    def boxes(self, values):
        height, width = self.size
        stride = width // self.grid[1]
        return corners(torch.cat([values[..., :2] * stride, values[..., 2:4] ** 2 * torch.tensor([width, height])], -1))

    def loss(self, said, rows):
        found, classes = said
        n, cells, predictors, _ = found.shape
        height, width = self.size
        stride = width // self.grid[1]
        wanted = torch.zeros(n, cells, 4)
        label = torch.zeros(n, cells, self.classes)
        there = torch.zeros(n, cells)
        for picture, kind, x, y, w, h in rows.tolist():
            at = int(picture), int(y / stride) * self.grid[1] + int(x / stride)
            if there[at] == 0:
                there[at] = 1
                label[at][int(kind)] = 1
                wanted[at] = torch.tensor([x / stride % 1, y / stride % 1, math.sqrt(w / width), math.sqrt(h / height)])
        with torch.no_grad():
            own, other = self.boxes(found[..., :4]), self.boxes(wanted)[:, :, None].expand(-1, -1, predictors, -1)
            overlap = elementwise(own.reshape(-1, 4), other.reshape(-1, 4), False).nan_to_num().view(n, cells, predictors)
            shift = (centred(own) - centred(other)) / torch.tensor([width, height, width, height])
            distance = shift.square().mean(3).sqrt()
            rank = torch.where(overlap.amax(2, keepdim=True) <= 0, -distance, overlap)
            responsible = F.one_hot(rank.argmax(2), predictors) * there[..., None]
        away = (found[..., :4] - wanted[:, :, None]).square() * responsible[..., None]
        confidence = found[..., 4]
        objects = ((confidence - (overlap if self.numbers["rescore"] else 1)).square() * responsible).sum()
        empty = (confidence.square() * (1 - responsible)).sum()
        kinds = ((classes - label).square().sum(2) * there).sum()
        return (self.numbers["box_weight"] * away.sum() + objects + self.numbers["empty_weight"] * empty + kinds) / n

    def decode(self, said):
        found, classes = said
        stride = self.size[1] // self.grid[1]
        y, x = torch.meshgrid(torch.arange(self.grid[0]), torch.arange(self.grid[1]), indexing="ij")
        start = (torch.stack([x, y, x, y], -1) * stride).view(-1, 1, 4)
        boxes = self.boxes(found[0, ..., :4]) + start
        scores = found[0, ..., 4:].clamp(0, 1) * classes[0][:, None].clamp(0, 1)
        return best_rows(boxes.flatten(0, 1), scores.flatten(0, 1), 0.5)


class TwoStage(Head):
    def forward(self, levels):
        stage = self.numbers["proposals"]
        logits, deltas = [], []
        for level in levels:
            x = self.net.conv(level, "head.proposals.hidden")
            logits.append(self.net.plain(x, "head.proposals.objectness").permute(0, 2, 3, 1).flatten(1))
            deltas.append(by_place(self.net.plain(x, "head.proposals.deltas"), 4))
        sizes = [some.shape[1] for some in logits]
        return levels, torch.cat(logits, 1), torch.cat(deltas, 1), self.anchors(stage["anchors"], levels), sizes

    def clipped(self, boxes):
        height, width = self.size
        return torch.stack([boxes[..., 0].clamp(0, width), boxes[..., 1].clamp(0, height),
                            boxes[..., 2].clamp(0, width), boxes[..., 3].clamp(0, height)], -1)

    def proposals(self, said, picture, before, after):
        """Of one picture, as torchvision's filter_proposals."""
        _, logits, deltas, anchors, sizes = said
        boxes, scores, maps, first = [], [], [], 0
        for place, size in enumerate(sizes):
            best, at = logits[picture, first : first + size].topk(min(before, size))
            moved = decoded(deltas[picture, first : first + size][at], anchors[first : first + size][at], 1, 1)
            boxes.append(self.clipped(moved))
            scores.append(best.sigmoid())
            maps.append(torch.full((len(at),), float(place)))
            first += size
        boxes, scores, maps = torch.cat(boxes), torch.cat(scores), torch.cat(maps)
        order = scores.argsort(descending=True)
        boxes, scores, maps = boxes[order], scores[order], maps[order]
        kept = nms(boxes + (maps * 4096)[:, None], scores, self.numbers["proposals"]["overlap"], after)
        return boxes[kept]

    @staticmethod
    def sampled(found, most, share):
        """As torchvision's BalancedPositiveNegativeSampler, with the background where -1 is."""
        positive, negative = (found >= 0).nonzero()[:, 0], (found == -1).nonzero()[:, 0]
        positive = positive[torch.randperm(len(positive))[: round(most * share)]]
        return positive, negative[torch.randperm(len(negative))[: most - len(positive)]]

    def read(self, levels, boxes, pictures):
        """RoIAlign with two samples a side of a bin: torchvision's where it can be loaded, else by grid_sample."""
        stage = self.numbers["boxes"]
        bins, used = stage["features"]["bins"], levels[: stage["maps"]]
        size = (area(boxes).clamp(min=0)).sqrt()
        strides = [-(-self.size[1] // level.shape[3]) for level in used]
        finest = int(math.log2(strides[0]))
        at = (torch.floor(4 + torch.log2(size / stage["canonical_size"] + 1e-8)) - finest).clamp(0, len(used) - 1).long()
        channels = used[0].shape[1]
        features = used[0].new_zeros(len(boxes), channels, bins, bins)
        for place, (level, stride) in enumerate(zip(used, strides)):
            own = (at == place).nonzero()[:, 0]
            if len(own):
                rows = torch.cat([pictures[own, None].float(), boxes[own]], 1)
                features = features.index_copy(0, own, roi_align(level, rows, bins, 1 / stride))
        x = features.flatten(1)
        for name in ("first", "second"):
            x = F.relu(self.net.linear(x, "head.boxes." + name))
        deltas = self.net.linear(x, "head.boxes.deltas")
        return self.net.linear(x, "head.boxes.scores"), deltas.view(len(x), -1, 4)

    def loss(self, said, boxes):
        levels, logits, deltas, anchors, _ = said
        stage, second = self.numbers["proposals"], self.numbers["boxes"]
        objectness = shift = 0
        regions, pictures, labels, wanted = [], [], [], []
        rule = {"positive": second["positive"], "background": second["positive"], "leftover": "none"}
        for n in range(len(logits)):
            own = boxes[boxes[:, 0] == n]
            objects = corners(own[:, 2:6])
            found = match(objects, anchors, stage["matching"])
            positive, negative = self.sampled(found, stage["sampled"], stage["positive_share"])
            both = torch.cat([positive, negative])
            target = (torch.arange(len(both)) < len(positive)).float()
            objectness = objectness + F.binary_cross_entropy_with_logits(logits[n, both], target, reduction="sum")
            goal = encode(objects[found[positive]], anchors[positive], 1, 1)
            shift = shift + F.smooth_l1_loss(deltas[n, positive], goal, beta=1 / 9, reduction="sum")
            with torch.no_grad():
                some = self.proposals(said, n, stage["learn_before"], stage["learn_after"])
                some = torch.cat([some, self.clipped(objects)])
                found = match(objects, some, rule)
                positive, negative = self.sampled(found, second["sampled"], second["positive_share"])
                regions.append(some[torch.cat([positive, negative])])
                pictures.append(torch.full((len(regions[-1]),), n))
                labels.append(torch.cat([own[found[positive], 1].long(), torch.full((len(negative),), self.classes)]))
                wanted.append(torch.cat([objects[found[positive]], some[negative]]))
        regions, label, wanted = torch.cat(regions), torch.cat(labels), torch.cat(wanted)
        scores, found = self.read(levels, regions, torch.cat(pictures))
        own = (label < self.classes).nonzero()[:, 0]
        goal = encode(wanted[own], regions[own], 0.1, 0.2)
        box = F.smooth_l1_loss(found[own, label[own]], goal, reduction="sum")
        share = len(logits) * stage["sampled"], len(logits) * second["sampled"]
        return (objectness + shift) / share[0] + (F.cross_entropy(scores, label, reduction="sum") + box) / share[1]

    def decode(self, said):
        stage = self.numbers["proposals"]
        boxes = self.proposals(said, 0, stage["detect_before"], stage["detect_after"])
        scores, deltas = self.read(said[0], boxes, torch.zeros(len(boxes), dtype=torch.long))
        moved = self.clipped(decoded(deltas, boxes[:, None], 0.1, 0.2))
        score = scores.softmax(1)[:, :-1]
        rows = [best_rows(moved[:, kind], score[:, kind : kind + 1], self.numbers["overlap"]) for kind in range(self.classes)]
        return torch.cat(rows)[:MOST]


class Mtcnn(Head):
    """Three networks on crops of their own, drawn at random as the published trainings prepare them beforehand."""

    NETS = (("p_net", 12, (2, 0, 0)), ("r_net", 24, (3, 3, 0, 0)), ("o_net", 48, (3, 3, 2, 0, 0)))

    def read(self, x, name, pools):
        for i, pool in enumerate(pools):
            own = f"head.{name}.{i}."
            x = F.prelu(F.conv2d(x, self.net.weight(own + "weight"), self.net.weight(own + "bias")), self.net.weight(own + "slope"))
            if pool:
                x = F.max_pool2d(x, pool, 2, ceil_mode=True)
        return self.net.plain(x, f"head.{name}.score"), self.net.plain(x, f"head.{name}.box")

    def looked_at(self, x, boxes, pictures, net):
        name, side, pools = net
        if ops:
            rows = torch.cat([pictures[:, None].float(), boxes], 1)
            scores, shifts = self.read(ops.roi_align(x, rows, side, aligned=True), name, pools)
            return scores.flatten(1), shifts.flatten(1)
        steps = (torch.arange(side) + 0.5) / side
        height, width = self.size
        across = boxes[:, :1] + (boxes[:, 2:3] - boxes[:, :1]) * steps
        down = boxes[:, 1:2] + (boxes[:, 3:] - boxes[:, 1:2]) * steps
        grid = torch.stack(torch.broadcast_tensors((across * 2 / width - 1)[:, None], (down * 2 / height - 1)[:, :, None]), 3)
        crops = []
        for n in range(len(x)):
            own = grid[pictures == n]
            if len(own):
                found = F.grid_sample(x[n : n + 1], own.reshape(1, -1, side, 2), align_corners=False)
                crops.append(found[0].unflatten(1, (-1, side)).transpose(0, 1))
        scores, shifts = self.read(torch.cat(crops), name, pools)
        return scores.flatten(1), shifts.flatten(1)

    def forward(self, levels):
        return levels[0]

    def anywhere(self, count):
        height, width = self.size
        most = min(height, width) / 2
        side = 12 + torch.rand(count) * (most - 12)
        left, top = torch.rand(count) * (width - side), torch.rand(count) * (height - side)
        return torch.stack([left, top, left + side, top + side], 1)

    @staticmethod
    def upon(objects, count, spread):
        own = objects[torch.randint(len(objects), (count,))]
        low, high = 0.8 * own[:, 2:].amin(1), 1.25 * own[:, 2:].amax(1)
        side = (low + torch.rand(count) * (high - low))[:, None]
        middle = own[:, :2] + (torch.rand(count, 2) * 2 - 1) * spread * own[:, 2:]
        return torch.cat([middle - side / 2, middle + side / 2], 1)

    def crops(self, objects, each):
        """Squares, their objects, and the numbers of negatives, positives and parts."""
        squares = [self.anywhere(9 * each)]
        if len(objects):
            squares += [self.upon(objects, 9 * each, 1.0), self.upon(objects, 16 * each, 0.2)]
        squares = torch.cat(squares)
        most, at = torch.zeros(len(squares)), torch.zeros(len(squares), dtype=torch.long)
        nearest = squares
        if len(objects):
            most, at = box_iou(squares, corners(objects)).max(1)
            nearest = corners(objects)[at]
        chosen = []
        for some, count in ((most < 0.3, 3 * each), (most >= 0.65, each), ((most >= 0.4) & (most < 0.65), each)):
            places = some.nonzero()[:, 0]
            chosen.append(places[torch.randperm(len(places))[:count]])
        both = torch.cat(chosen)
        return squares[both], nearest[both], [len(some) for some in chosen]

    def loss(self, x, rows):
        each, total = self.numbers["crops"] // 5, 0
        hard = self.numbers["hard"]
        for net in self.NETS:
            boxes, nearest, pictures, classes = [], [], [], []
            for n in range(len(x)):
                own, wanted, counts = self.crops(rows[rows[:, 0] == n, 2:6], each)
                boxes.append(own)
                nearest.append(wanted)
                pictures.append(torch.full((len(own),), n))
                classes.append(torch.tensor([0] * counts[0] + [1] * counts[1] + [-1] * counts[2]))
            boxes, nearest, label, place = torch.cat(boxes), torch.cat(nearest), torch.cat(classes), torch.cat(pictures)
            scores, shifts = self.looked_at(x, boxes, place, net)
            known = label >= 0
            entropy = F.cross_entropy(scores[known], label[known], reduction="none")
            score = entropy.topk(round(len(entropy) * hard))[0].sum() / (4 * each * hard * len(x))
            part = label != 0
            goal = (nearest[part] - boxes[part]) / (boxes[part, 2:] - boxes[part, :2]).repeat(1, 2)
            total = total + score + self.numbers["box_weight"] * (shifts[part] - goal).square().sum() / (2 * each * len(x))
        return total

    @staticmethod
    def moved(boxes, shifts):
        return boxes + shifts * (boxes[:, 2:] - boxes[:, :2]).repeat(1, 2)

    def decode(self, x):
        height, width = self.size
        scale, found = 12 / self.numbers["smallest"], []
        while min(height, width) * scale >= 12:
            size = round(height * scale), round(width * scale)
            small = F.interpolate(x, size, mode="bilinear", antialias=True)
            scores, shifts = self.read(small, *self.NETS[0][::2])
            score = scores.softmax(1)[0, 1]
            y, left = (score >= self.numbers["proposal_score"]).nonzero(as_tuple=True)
            start = torch.stack([left * 2, y * 2], 1) / scale
            rows = torch.cat([start, start + 12 / scale, score[y, left][:, None], shifts[0, :, y, left].T], 1)
            found.append(self.best(rows, 0.5, self.numbers["proposals"]))
            scale *= self.numbers["factor"]
        found = self.best(torch.cat(found), 0.7, self.numbers["proposals"])
        for net, least in ((self.NETS[1], "refined_score"), (self.NETS[2], "detection_score")):
            if len(found) == 0:
                return found
            square = centred(self.moved(found[:, :4], found[:, 5:]))
            square = corners(torch.cat([square[:, :2], square[:, 2:].amax(1, keepdim=True).expand(-1, 2)], 1))
            scores, shifts = self.looked_at(x, square, torch.zeros(len(square)), net)
            score = scores.softmax(1)[:, 1:]
            rows = torch.cat([square, score, shifts], 1)[score[:, 0] >= self.numbers[least]]
            found = self.best(rows, 0.7, self.numbers["refined"])
        return torch.cat([self.moved(found[:, :4], found[:, 5:]), found[:, 4:5]], 1)

    @staticmethod
    def best(rows, threshold, most):
        rows = rows[rows[:, 4].argsort(descending=True)]
        return rows[nms(rows[:, :4], rows[:, 4], threshold, most)]


def roi_align(level: torch.Tensor, rows: torch.Tensor, bins: int, scale: float) -> torch.Tensor:
    if ops:
        return ops.roi_align(level, rows, bins, scale, sampling_ratio=2, aligned=True)
    x1, y1, x2, y2 = (rows[:, 1:] * scale).unbind(1)
    steps = (torch.arange(2 * bins) + 0.5) / (2 * bins)
    x, y = x1[:, None] + (x2 - x1)[:, None] * steps, y1[:, None] + (y2 - y1)[:, None] * steps
    h, w = level.shape[2:]
    grid = torch.stack(torch.broadcast_tensors((x * 2 / w - 1)[:, None], (y * 2 / h - 1)[:, :, None]), 3)
    found = []
    for n in range(len(level)):
        own = grid[rows[:, 0] == n]
        sampled = F.grid_sample(level[n : n + 1], own.reshape(1, -1, 2 * bins, 2), align_corners=False, padding_mode="border")
        found.append(sampled[0].unflatten(1, (-1, 2 * bins)).transpose(0, 1))
    return F.avg_pool2d(torch.cat(found), 2)


HEADS = {"centernet": CenterNet, "fcos": Fcos, "anchors": Anchored, "yolo_v1": YoloV1, "two_stage": TwoStage, "mtcnn": Mtcnn}
