package io.millrace.vision.evaluate;

/**
 * Average precision at IoU .50 as Pascal VOC defines it; -1 where there is no truth.
 *
 * @param elevenPoint mean of the precisions at recalls 0, 0.1, ... 1, as in VOC 2007
 * @param allPoint area under the whole curve, as since VOC 2010
 */
public record VocResult(double elevenPoint, double allPoint) {}
