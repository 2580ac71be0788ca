"""Makes coco.json: random truths (crowds, all sizes) and detections (ties, duplicates) of 60 pictures, two pictures
with more objects of a class than detections count, and what pycocotools says of them. Run in this folder: python golden.py
"""
import json
import random

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

random.seed(4)
CLASSES = 3
images, truths, found = [], [], []
for image in range(1, 61):
    images.append({"id": image, "width": 400, "height": 400})
    for _ in range(random.randint(0, 9)):
        side = random.choice([random.uniform(4, 30), random.uniform(32, 90), random.uniform(97, 200)])
        box = [round(random.uniform(0, 200), 1), round(random.uniform(0, 200), 1),
               round(side, 1), round(side * random.uniform(.7, 1.4), 1)]
        crowd = int(random.random() < .08)
        label = random.randrange(CLASSES)
        truths.append({"id": len(truths) + 1, "image_id": image, "category_id": label + 1, "bbox": box,
                       "area": round(box[2] * box[3] * random.choice([1, 1, .8]), 2), "iscrowd": crowd})
        for _ in range(random.choice([0, 1, 1, 1, 2])):
            moved = [round(v + random.gauss(0, side * random.choice([.02, .06, .15])), 1) for v in box]
            moved[2:] = [max(1.0, v) for v in moved[2:]]
            guess = label if random.random() < .9 else random.randrange(CLASSES)
            found.append({"image_id": image, "category_id": guess + 1, "bbox": moved,
                          "score": round(random.random(), 2)})
    for _ in range(random.randint(0, 4)):
        found.append({"image_id": image, "category_id": random.randint(1, CLASSES),
                      "bbox": [round(random.uniform(0, 300), 1) for _ in range(2)]
                      + [round(random.uniform(5, 120), 1) for _ in range(2)], "score": round(random.random(), 2)})
for image in (61, 62):
    images.append({"id": image, "width": 400, "height": 400})
    for i in range(130):
        box = [13.0 * (i % 13), 20.0 * (i // 13), round(random.uniform(6, 12), 1), round(random.uniform(6, 18), 1)]
        truths.append({"id": len(truths) + 1, "image_id": image, "category_id": 1, "bbox": box,
                       "area": round(box[2] * box[3], 2), "iscrowd": 0})
        found.append({"image_id": image, "category_id": 1, "bbox": box, "score": round(random.random(), 3)})
truth = COCO()
truth.dataset = {"images": images, "annotations": truths,
                 "categories": [{"id": c + 1, "name": str(c)} for c in range(CLASSES)]}
truth.createIndex()
run = COCOeval(truth, truth.loadRes(found), "bbox")
run.evaluate()
run.accumulate()
run.summarize()
names = ["map", "map50", "map75", "map_small", "map_medium", "map_large", "ar1", "ar10", "recall"]
with open("coco.json", "w") as out:
    json.dump({"truths": [[t["image_id"], t["category_id"] - 1, *t["bbox"], t["area"], t["iscrowd"]] for t in truths],
               "detections": [[d["image_id"], d["category_id"] - 1, *d["bbox"], d["score"]] for d in found],
               "images": len(images), "classes": CLASSES, "stats": dict(zip(names, map(float, run.stats)))}, out)
