"""Writes roi_align.json: RoIAlign and its backward pass, sample by sample, as torchvision's C++ code goes about it.

torchvision/csrc/ops/cpu/roi_align_kernel.cpp and roi_align_common.h (0.2x). Needs NumPy: python roi_align_golden.py
"""

import json
import math
import pathlib

import numpy as np


def corners(height, width, y, x):
    """Cells and weights of one bilinear sample, as pre_calc_for_bilinear_interpolate finds them."""
    if y < -1.0 or y > height or x < -1.0 or x > width:
        return []
    y, x = max(y, 0.0), max(x, 0.0)
    y_low, x_low = int(y), int(x)
    if y_low >= height - 1:
        y_high = y_low = height - 1
        y = float(y_low)
    else:
        y_high = y_low + 1
    if x_low >= width - 1:
        x_high = x_low = width - 1
        x = float(x_low)
    else:
        x_high = x_low + 1
    ly, lx = y - y_low, x - x_low
    hy, hx = 1.0 - ly, 1.0 - lx
    return [(y_low, x_low, hy * hx), (y_low, x_high, hy * lx), (y_high, x_low, ly * hx), (y_high, x_high, ly * lx)]


def bins_of(roi, shape, scale, bins, ratio, aligned):
    """Cells and weights of every bin of a region."""
    _, _, height, width = shape
    offset = 0.5 if aligned else 0.0
    x1, y1, x2, y2 = (v * scale - offset for v in roi[1:])
    roi_w, roi_h = x2 - x1, y2 - y1
    if not aligned:
        roi_w, roi_h = max(roi_w, 1.0), max(roi_h, 1.0)
    bin_h, bin_w = roi_h / bins, roi_w / bins
    grid_h = ratio if ratio > 0 else math.ceil(roi_h / bins)
    grid_w = ratio if ratio > 0 else math.ceil(roi_w / bins)
    count = max(grid_h * grid_w, 1)
    for ph in range(bins):
        for pw in range(bins):
            cells = []
            for iy in range(grid_h):
                y = y1 + ph * bin_h + (iy + 0.5) * bin_h / grid_h
                for ix in range(grid_w):
                    x = x1 + pw * bin_w + (ix + 0.5) * bin_w / grid_w
                    cells += corners(height, width, y, x)
            yield ph, pw, count, cells


def run(maps, rois, scale, bins, ratio, aligned, gradient):
    """What comes out, and the gradient of the maps for that of the result."""
    out = np.zeros((len(rois), maps.shape[1], bins, bins))
    back = np.zeros_like(maps)
    for r, roi in enumerate(rois):
        n = int(roi[0])
        for ph, pw, count, cells in bins_of(roi, maps.shape, scale, bins, ratio, aligned):
            for y, x, weight in cells:
                out[r, :, ph, pw] += maps[n, :, y, x] * weight / count
                back[n, :, y, x] += gradient[r, :, ph, pw] * weight / count
    return out, back


def numbers(array):
    return [float(f"{v:.12g}") for v in np.asarray(array).ravel()]


def main():
    random = np.random.default_rng(7)
    maps = np.round(random.normal(size=(2, 3, 6, 7)), 3)
    rois = np.array(
        [
            [0, 3.0, 2.0, 21.0, 17.0],  # inside
            [1, 0.0, 0.0, 28.0, 24.0],  # the whole picture
            [1, -9.0, -6.5, 10.0, 40.0],  # over the border
            [0, 20.0, 18.0, 60.0, 70.0],  # mostly outside
            [0, 40.0, 50.0, 60.0, 70.0],  # outside
            [1, 10.25, 9.5, 10.75, 10.0],  # tiny
            [0, 8.0, 8.0, 8.0, 8.0],  # empty
            [1, 12.0, 12.0, 9.0, 20.0],  # the wrong way round
        ]
    )
    cases = []
    for aligned in (True, False):
        for ratio in (0, 1, 2):
            bins = 2 if ratio == 1 else 3
            gradient = np.round(random.normal(size=(len(rois), 3, bins, bins)), 3)
            out, back = run(maps, rois, 0.25, bins, ratio, aligned, gradient)
            case = {"aligned": aligned, "samples": ratio, "bins": bins}
            case |= {"gradient": numbers(gradient), "features": numbers(out), "maps_gradient": numbers(back)}
            cases.append(case)
    golden = {"shape": list(maps.shape), "stride": 4, "maps": numbers(maps), "regions": rois.tolist(), "cases": cases}
    pathlib.Path(__file__).with_name("roi_align.json").write_text(json.dumps(golden))


main()
