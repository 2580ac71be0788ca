package io.millrace.vision.box;

/**
 * A found object.
 *
 * @param box in pixels of the picture that was asked about
 * @param classIndex index into the class names
 * @param label the class name
 * @param score confidence in [0, 1]
 */
public record Detection(Box box, int classIndex, String label, double score) {}
