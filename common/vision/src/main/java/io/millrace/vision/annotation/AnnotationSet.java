package io.millrace.vision.annotation;

import java.util.List;
import java.util.Set;

/**
 * All that a set of files holds.
 *
 * @param pictures in the order of their ids
 * @param classes class names, in the order of COCO's ids or of the alphabet
 * @param problems what was repaired or left out, one line each; never silently
 * @param leftOut names of picture files that have annotations but cannot be used; each has a line
 */
public record AnnotationSet(
    List<AnnotatedPicture> pictures,
    List<String> classes,
    List<String> problems,
    Set<String> leftOut) {}
