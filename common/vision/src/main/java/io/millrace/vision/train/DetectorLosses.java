package io.millrace.vision.train;

/**
 * Losses of a batch.
 *
 * @param total the weighted sum
 * @param heat focal loss of the heat maps, a centre's share
 * @param offset mean distance of the centres' offsets, in cells
 * @param size mean distance of width and height, in cells
 */
public record DetectorLosses(double total, double heat, double offset, double size) {}
