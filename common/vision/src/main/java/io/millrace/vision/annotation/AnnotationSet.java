package io.millrace.vision.annotation;

import java.util.List;

/**
 * All that a folder holds.
 *
 * @param pictures in the order of their ids
 * @param classes class names, in the order of COCO's ids or of the alphabet
 * @param problems what was repaired or left out, one line each; never silently
 */
public record AnnotationSet(
    List<AnnotatedPicture> pictures, List<String> classes, List<String> problems) {}
