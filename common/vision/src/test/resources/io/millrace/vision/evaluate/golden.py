"""Makes coco.json and cases.json: truths and detections, and what pycocotools, the VOC development kit and TIDE say of
them. Run in this folder: python golden.py FOLDER, where FOLDER has dbolya/tide as of 49a5d2a. The numbers of
coco.json's pictures come first, as they did before there were other cases.
"""
import copy
import json
import random
import sys
from unittest import mock

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

# TIDE draws and downloads, which nothing here asks for.
for name in ("cv2", "appdirs", "matplotlib", "matplotlib.pyplot", "matplotlib.lines", "pandas", "seaborn"):
    sys.modules[name] = mock.MagicMock()
sys.path.append(sys.argv[1])
from tidecv import TIDE, Data  # noqa: E402

NAMES = ["map", "map50", "map75", "map_small", "map_medium", "map_large", "recall1", "recall10", "recall100",
         "recall_small", "recall_medium", "recall_large"]


def coco(images, classes, truths, found):
    """pycocotools' twelve figures; rows are [image, class, x, y, w, h, area, crowd] and [image, class, x, y, w, h,
    score]."""
    truth, results = COCO(), COCO()
    pictures = [{"id": i, "width": 400, "height": 400} for i in range(1, images + 1)]
    categories = [{"id": c + 1, "name": str(c)} for c in range(classes)]
    truth.dataset = {"images": pictures, "categories": categories, "annotations": [
        {"id": n + 1, "image_id": t[0], "category_id": t[1] + 1, "bbox": t[2:6], "area": t[6], "iscrowd": t[7]}
        for n, t in enumerate(truths)]}
    results.dataset = {"images": pictures, "categories": categories, "annotations": [
        {"id": n + 1, "image_id": d[0], "category_id": d[1] + 1, "bbox": d[2:6], "area": d[4] * d[5], "iscrowd": 0,
         "score": d[6]} for n, d in enumerate(found)]}
    truth.createIndex()
    results.createIndex()
    run = COCOeval(truth, results, "bbox")
    run.evaluate()
    run.accumulate()
    run.summarize()
    return dict(zip(NAMES, map(float, run.stats)))


def voc(images, truths, found, label):
    """VOCevaldet.m and VOCap.m for one class, a crowd being a difficult object; [11-point, all-point], -1 for a class
    without truth. Corners are whole pixels from 1, the last one within the box."""
    boxes = {i: [[t[2] + 1, t[3] + 1, t[2] + t[4], t[3] + t[5]] for t in truths if t[0] == i and t[1] == label]
             for i in range(1, images + 1)}
    difficult = {i: [t[7] for t in truths if t[0] == i and t[1] == label] for i in boxes}
    positives = sum(not d for per in difficult.values() for d in per)
    if positives == 0:
        return [-1, -1]
    taken = {i: [False] * len(boxes[i]) for i in boxes}
    ranked = sorted((d for d in found if d[1] == label), key=lambda d: -d[6])
    tp, fp = np.zeros(len(ranked)), np.zeros(len(ranked))
    for at, d in enumerate(ranked):
        box, most, best = [d[2] + 1, d[3] + 1, d[2] + d[4], d[3] + d[5]], -np.inf, -1
        for j, other in enumerate(boxes[d[0]]):
            shared = [max(box[0], other[0]), max(box[1], other[1]), min(box[2], other[2]), min(box[3], other[3])]
            w, h = shared[2] - shared[0] + 1, shared[3] - shared[1] + 1
            if w > 0 and h > 0:
                union = (box[2] - box[0] + 1) * (box[3] - box[1] + 1) + \
                        (other[2] - other[0] + 1) * (other[3] - other[1] + 1) - w * h
                if w * h / union > most:
                    most, best = w * h / union, j
        if most >= 0.5:
            if not difficult[d[0]][best]:
                tp[at], fp[at] = not taken[d[0]][best], taken[d[0]][best]
                taken[d[0]][best] = True
        else:
            fp[at] = 1
    tp, fp = np.cumsum(tp), np.cumsum(fp)
    with np.errstate(invalid="ignore"):
        recall, precision = tp / positives, np.nan_to_num(tp / (fp + tp))
    eleven = sum(max(precision[recall >= t / 10], default=0) / 11 for t in range(11))
    mrec, mpre = np.concatenate([[0], recall, [1]]), np.concatenate([[0], precision, [0]])
    for i in range(len(mpre) - 2, -1, -1):
        mpre[i] = max(mpre[i], mpre[i + 1])
    at = np.nonzero(mrec[1:] != mrec[:-1])[0] + 1
    return [float(eleven), float(np.sum((mrec[at] - mrec[at - 1]) * mpre[at]))]


def tide(images, truths, found):
    """TIDE's AP50, and for each kind of error how often it occurs and what its repair would gain, in [0, 1]."""
    truth, results = Data("truth"), Data("found")
    for i in range(1, images + 1):
        truth.add_image(i, str(i))
    for t in truths:
        truth.add_ground_truth(t[0], t[1], box=t[2:6])
    for d in found:
        results.add_detection(d[0], d[1], d[6], box=d[2:6])
    run = TIDE().evaluate(truth, results, mode=TIDE.BOX)
    gains = {e.short_name: gain / 100 for e, gain in run.fix_main_errors().items()}
    counts = {e.short_name: count for e, count in run.count_errors().items()}
    return {"ap": run.ap / 100, "errors": {name: [counts[name], gains[name]] for name in gains}}


def scattered(images, classes, seed, crowds=0.0, scores=2, sides=(20, 60, 130), whole=False):
    """Random truths and detections near them: moved, of another class, twice, anywhere."""
    rng = random.Random(seed)
    digits = 0 if whole else 1
    truths, found = [], []
    for image in range(1, images + 1):
        for _ in range(rng.randint(0, 6)):
            side = rng.choice(sides) * rng.uniform(.7, 1.3)
            box = [round(rng.uniform(0, 250), digits), round(rng.uniform(0, 250), digits), round(side, digits),
                   round(side * rng.uniform(.7, 1.4), digits)]
            label = rng.randrange(classes)
            truths.append([image, label, *box, round(box[2] * box[3], 2), int(rng.random() < crowds)])
            for _ in range(rng.choice([0, 1, 1, 2])):
                moved = [round(v + rng.gauss(0, side * rng.choice([.02, .08, .2])), digits) for v in box]
                moved[2:] = [max(1.0, v) for v in moved[2:]]
                guess = label if rng.random() < .8 else rng.randrange(classes)
                found.append([image, guess, *moved, round(rng.random(), scores)])
        for _ in range(rng.randint(0, 2)):
            found.append([image, rng.randrange(classes), *[round(rng.uniform(0, 300), digits) for _ in range(2)],
                          *[round(rng.uniform(5, 120), digits) for _ in range(2)], round(rng.random(), scores)])
    return images, classes, truths, found


def borders():
    """Areas at 32 x 32 and 96 x 96 and just beside them, of the truth and of what was found."""
    truths, found = [], []
    sides = [(32, 32), (31.9, 32), (32.1, 32), (96, 96), (96.1, 96), (95.9, 96), (64, 16), (144, 64)]
    for n, (w, h) in enumerate(sides):
        truths.append([n + 1, 0, 10, 10, w, h, round(w * h, 4), 0])
        found.append([n + 1, 0, 10, 10, w, h, .9 - n / 100])
        found.append([n + 1, 0, 200, 200, w, h, .95 - n / 50])
        # The area of a mask is less than that of its box.
        truths.append([n + 1, 1, 10, 200, w, h, 1024 if w < 65 else 9216, 0])
        found.append([n + 1, 1, 12, 201, w, h, .5 + n / 100])
    return len(sides), 2, truths, found


def exact():
    """Overlaps at the thresholds themselves: IoU .5, .75 and 1, and what is less than the truth can match."""
    truths = [[1, 0, 0, 0, 100, 100, 10000, 0], [2, 0, 0, 0, 100, 100, 10000, 0], [3, 0, 50, 50, 40, 40, 1600, 0],
              [3, 0, 60, 50, 40, 40, 1600, 0]]
    found = [[1, 0, 0, 0, 100, 50, .8], [1, 0, 0, 0, 100, 75, .7], [2, 0, 0, 0, 100, 100, .6],
             [2, 0, 0, 0, 100, 100, .6], [3, 0, 55, 50, 40, 40, .5], [3, 0, 56, 50, 40, 40, .4]]
    return 3, 1, truths, found


def absent():
    """Class 1 is never true but found, class 2 is true but never found, class 3 is neither."""
    images, _, truths, found = scattered(12, 1, 8, scores=5)
    truths += [[2, 2, 5, 5, 60, 60, 3600, 0], [9, 2, 50, 5, 20, 20, 400, 0]]
    found += [[2, 1, 5, 5, 60, 60, .9], [5, 1, 50, 80, 30, 30, .3]]
    return images, 4, truths, found


CASES = {
    "crowds": scattered(20, 2, 1, crowds=.35),
    "empty pictures": (40, *scattered(15, 2, 2, scores=5)[1:]),
    "ties": scattered(20, 2, 3, scores=1),
    "areas at the borders": borders(),
    "overlaps at the thresholds": exact(),
    "classes that never occur": absent(),
    "whole pixels": scattered(25, 3, 5, crowds=.15, whole=True),
    "three classes": scattered(40, 3, 6, scores=5),
    "nothing found": (3, 2, scattered(3, 2, 7)[2], []),
    "nothing true": (2, 1, [], [[1, 0, 5, 5, 20, 20, .5]]),
}


def case(name):
    images, classes, truths, found = copy.deepcopy(CASES[name])
    made = {"name": name, "images": images, "classes": classes, "truths": truths, "detections": found,
            "stats": coco(images, classes, truths, found),
            "voc": [voc(images, truths, found, c) for c in range(classes)]}
    # TIDE takes crowds otherwise, counting what is found within them as errors, and fails where there are none.
    if truths and found and not any(t[7] for t in truths):
        made["tide"] = tide(images, truths, found)
    return made


random.seed(4)
CLASSES = 3
truths, found = [], []
for image in range(1, 61):
    for _ in range(random.randint(0, 9)):
        side = random.choice([random.uniform(4, 30), random.uniform(32, 90), random.uniform(97, 200)])
        box = [round(random.uniform(0, 200), 1), round(random.uniform(0, 200), 1),
               round(side, 1), round(side * random.uniform(.7, 1.4), 1)]
        crowd = int(random.random() < .08)
        label = random.randrange(CLASSES)
        truths.append([image, label, *box, round(box[2] * box[3] * random.choice([1, 1, .8]), 2), crowd])
        for _ in range(random.choice([0, 1, 1, 1, 2])):
            moved = [round(v + random.gauss(0, side * random.choice([.02, .06, .15])), 1) for v in box]
            moved[2:] = [max(1.0, v) for v in moved[2:]]
            guess = label if random.random() < .9 else random.randrange(CLASSES)
            found.append([image, guess, *moved, round(random.random(), 2)])
    for _ in range(random.randint(0, 4)):
        found.append([image, random.randint(1, CLASSES) - 1, *[round(random.uniform(0, 300), 1) for _ in range(2)],
                      *[round(random.uniform(5, 120), 1) for _ in range(2)], round(random.random(), 2)])
for image in (61, 62):
    for i in range(130):
        box = [13.0 * (i % 13), 20.0 * (i // 13), round(random.uniform(6, 12), 1), round(random.uniform(6, 18), 1)]
        truths.append([image, 0, *box, round(box[2] * box[3], 2), 0])
        found.append([image, 0, *box, round(random.random(), 3)])
with open("coco.json", "w") as out:
    json.dump({"truths": truths, "detections": found, "images": 62, "classes": CLASSES,
               "stats": coco(62, CLASSES, truths, found)}, out)
with open("cases.json", "w") as out:
    json.dump([case(name) for name in CASES], out)
