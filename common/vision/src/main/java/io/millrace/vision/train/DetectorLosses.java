package io.millrace.vision.train;

import java.util.Map;

/**
 * Losses of a batch.
 *
 * @param total the weighted sum
 * @param parts by the names that the head gives them, in its order, without their weights
 */
public record DetectorLosses(double total, Map<String, Double> parts) {}
