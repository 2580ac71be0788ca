package io.millrace.vision.detector;

import io.millrace.vision.receptive.Field;
import io.millrace.vision.receptive.GradientMap;

/**
 * What a cell of a map depends on, measured by gradients.
 *
 * @param stride pixels between the map's cells
 * @param branch of the backbone
 * @param layers what the cell can see by its layers, up to the map that the head reads
 * @param x of the middle of the cell that was asked, in pixels of the pictures
 * @param y likewise
 * @param gradients by the pixels of the pictures
 */
public record EffectiveField(
    int stride, int branch, Field layers, double x, double y, GradientMap gradients) {

  /** The usual share; of a normal distribution it lies within two deviations. */
  public static final double SHARE = 0.95;

  /** Side of the square around the cell's middle that holds {@link #SHARE} of the gradients. */
  public double size() {
    return gradients.sideHolding(x, y, SHARE);
  }

  /** The same as a share of what the layers allow. */
  public double shareOfLayers() {
    return size() / layers.size();
  }
}
