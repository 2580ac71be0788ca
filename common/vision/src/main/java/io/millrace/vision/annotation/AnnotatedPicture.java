package io.millrace.vision.annotation;

import java.nio.file.Path;
import java.util.List;

/**
 * A picture file and what is in it.
 *
 * @param id unique in its set
 * @param name under which its set knows the file, e.g. {@code images/a.png}
 * @param file where the picture is; its header was read
 * @param split the published part it belongs to, e.g. train or val; empty: none is published
 * @param boxes maybe none; in pixels of the picture as a person sees it
 */
public record AnnotatedPicture(
    String id, String name, Path file, String split, List<NamedBox> boxes) {}
