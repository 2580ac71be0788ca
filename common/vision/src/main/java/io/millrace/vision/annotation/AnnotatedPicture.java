package io.millrace.vision.annotation;

import java.nio.file.Path;
import java.util.List;

/**
 * A picture file and what is in it.
 *
 * @param id unique in its set
 * @param file where the picture is; it exists
 * @param split the published part it belongs to, e.g. train or val; empty: none is published
 * @param boxes maybe none
 */
public record AnnotatedPicture(String id, Path file, String split, List<NamedBox> boxes) {}
