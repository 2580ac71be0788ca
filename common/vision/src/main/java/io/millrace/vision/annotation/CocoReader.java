package io.millrace.vision.annotation;

import io.millrace.input.StrictJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * COCO JSON: images, categories and boxes in one file a part. Files of captions, keypoints and
 * panoptic segments, which COCO's archives hold too, are recognised.
 */
final class CocoReader {

  private static final long MAX_BYTES = 512L << 20;

  private final SetFiles files;
  private final JsonMapper json = JsonMapper.builder(StrictJson.onceEachKey()).build();
  private final BoxChecks checks;
  private final List<AnnotatedPicture> pictures = new ArrayList<>();
  private final Map<String, String> classes = new TreeMap<>(CocoFile.BY_ID);
  private final LinkedHashSet<String> otherClasses = new LinkedHashSet<>();

  CocoReader(SetFiles files) {
    this.files = files;
    this.checks = new BoxChecks(files);
  }

  /**
   * Reads all files that are COCO's.
   *
   * @throws InvalidAnnotationException if no picture of them can be used
   */
  AnnotationSet read(List<String> names) throws IOException {
    List<String> keypoints = new ArrayList<>();
    int others = 0;
    for (String name : names) {
      JsonNode tree = parse(name);
      if (tree == null) {
        continue;
      }
      switch (CocoFile.kind(tree)) {
        case BOXES -> add(name, tree);
        case KEYPOINTS -> keypoints.add(name);
        case CAPTIONS -> checks.note(name, "captions without boxes, ignored");
        case PANOPTIC -> checks.note(name, "panoptic segments without boxes, ignored");
        case PICTURES -> checks.note(name, "pictures without annotations, ignored");
        case OTHER -> {
          others++;
          checks.note(name, "no COCO annotations, ignored");
        }
      }
    }
    boolean alone = pictures.isEmpty();
    for (String name : keypoints) {
      // Read again: two trees of COCO's size at a time would be too much.
      JsonNode tree = alone ? parse(name) : null;
      if (tree == null) {
        checks.note(name, "keypoints, ignored: the boxes of the other files are taken");
      } else {
        add(name, tree);
      }
    }
    if (others == names.size()) {
      throw new InvalidAnnotationException(
          files.title() + " has JSON files, but none with COCO's images and annotations");
    }
    if (pictures.isEmpty()) {
      throw checks.nothing();
    }
    // Two categories of one name are one class.
    LinkedHashSet<String> all = new LinkedHashSet<>(classes.values());
    all.addAll(otherClasses);
    return checks.set(pictures, List.copyOf(all));
  }

  private void add(String name, JsonNode tree) {
    CocoPart part = new CocoPart(name, tree, files, checks);
    part.categories()
        .forEach((id, label) -> {
          String known = classes.putIfAbsent(id, label);
          if (known != null && !known.equals(label)) {
            // Each file's own ids count in it, so that nothing gets a wrong class.
            checks.note(
                name, "category %s is '%s' here and '%s' before".formatted(id, label, known));
            otherClasses.add(label);
          }
        });
    pictures.addAll(part.pictures());
  }

  private @Nullable JsonNode parse(String name) throws IOException {
    Path file = files.path(name);
    if (Files.size(file) > MAX_BYTES) {
      checks.note(name, "larger than 512 MiB, left out");
      return null;
    }
    try (InputStream in = Files.newInputStream(file)) {
      return json.readTree(in);
    } catch (JacksonException e) {
      checks.note(name, "not JSON (" + e.getOriginalMessage() + "), left out");
      return null;
    }
  }
}
