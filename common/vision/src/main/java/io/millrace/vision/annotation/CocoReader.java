package io.millrace.vision.annotation;

import io.millrace.vision.box.Box;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** COCO JSON: images, categories and boxes in one file a part. */
final class CocoReader {

  private static final long MAX_BYTES = 512L << 20;
  private static final Map<String, String> SPLITS =
      Map.of(
          "train",
          "train",
          "training",
          "train",
          "trainval",
          "train",
          "val",
          "val",
          "valid",
          "val",
          "validation",
          "val",
          "test",
          "test",
          "testing",
          "test");

  private final Path root;
  private final JsonMapper json = JsonMapper.builder().build();
  private final BoxChecks checks = new BoxChecks();
  private final Map<Long, String> categories = new TreeMap<>();

  /**
   * A reader.
   *
   * @param root absolute and normalised
   */
  CocoReader(Path root) {
    this.root = root;
  }

  AnnotationSet read(List<Path> files) throws IOException {
    List<AnnotatedPicture> pictures = new ArrayList<>();
    int cocoFiles = 0;
    for (Path file : files) {
      JsonNode tree = parse(file);
      if (tree.path("images").isArray() && tree.path("annotations").isArray()) {
        cocoFiles++;
        categories(file, tree);
        pictures.addAll(pictures(file, tree));
      }
    }
    if (cocoFiles == 0) {
      throw new InvalidAnnotationException(
          root + " has JSON files, but none with COCO's images and annotations");
    }
    // Two categories of one name are one class.
    return new AnnotationSet(
        pictures, List.copyOf(new LinkedHashSet<>(categories.values())), checks.problems());
  }

  private void categories(Path file, JsonNode tree) {
    int index = 0;
    for (JsonNode category : tree.path("categories")) {
      String at = "categories[" + index++ + "]";
      long id = number(file, category, at, "id");
      String name = string(file, category, at, "name");
      String known = categories.get(id);
      if (known != null && !known.equals(name)) {
        throw new InvalidAnnotationException(
            "%s: category %d is '%s' here and '%s' in another file"
                .formatted(file, id, name, known));
      }
      if (known == null && categories.containsValue(name)) {
        checks.note(where(file), "category %d is another '%s'".formatted(id, name));
      }
      categories.put(id, name);
    }
  }

  private List<AnnotatedPicture> pictures(Path file, JsonNode tree) {
    String where = where(file);
    Map<Long, JsonNode> images = new LinkedHashMap<>();
    int index = 0;
    for (JsonNode image : tree.path("images")) {
      String at = "images[" + index++ + "]";
      long id = number(file, image, at, "id");
      String unused = string(file, image, at, "file_name");
      if (images.putIfAbsent(id, image) != null) {
        checks.note(where, "image id " + id + " stands twice, the second left out");
      }
    }
    Map<Long, List<NamedBox>> boxes = boxes(file, tree, images);
    List<AnnotatedPicture> pictures = new ArrayList<>();
    images.forEach((id, image) -> {
      String name = image.path("file_name").asString();
      Path picture = picture(file, name);
      if (picture == null) {
        checks.note(where, "picture '" + name + "' is missing, left out");
        return;
      }
      checks
          .id(where, name, root, picture)
          .ifPresent(unique ->
              pictures.add(
                  new AnnotatedPicture(
                      unique, picture, split(where), boxes.getOrDefault(id, List.of()))));
    });
    return pictures;
  }

  private Map<Long, List<NamedBox>> boxes(Path file, JsonNode tree, Map<Long, JsonNode> images) {
    Map<Long, List<NamedBox>> boxes = new HashMap<>();
    int index = 0;
    for (JsonNode annotation : tree.path("annotations")) {
      String at = "annotations[" + index++ + "]";
      long imageId = number(file, annotation, at, "image_id");
      JsonNode image = images.get(imageId);
      String label = categories.get(number(file, annotation, at, "category_id"));
      String what = where(file) + ", annotation " + annotation.path("id").asString(at);
      if (image == null || label == null) {
        checks.note(what, "unknown " + (image == null ? "image_id" : "category_id") + ", left out");
        continue;
      }
      NamedBox box = box(what, annotation, image, label);
      if (box != null) {
        boxes.computeIfAbsent(imageId, unused -> new ArrayList<>()).add(box);
      }
    }
    return boxes;
  }

  private @Nullable NamedBox box(String what, JsonNode annotation, JsonNode image, String label) {
    JsonNode bbox = annotation.path("bbox");
    double[] xywh = new double[4];
    for (int i = 0; i < xywh.length; i++) {
      xywh[i] = bbox.path(i).asDouble(Double.NaN);
    }
    Box inside =
        checks
            .check(what, xywh, image.path("width").asDouble(0), image.path("height").asDouble(0))
            .orElse(null);
    if (inside == null) {
      return null;
    }
    double whole = xywh[2] * xywh[3];
    double area = annotation.path("area").asDouble(0);
    boolean known = area > 0 && Double.isFinite(area);
    return new NamedBox(
        inside,
        label,
        annotation.path("iscrowd").asInt(0) == 1,
        known ? area * (inside.area() / whole) : inside.area());
  }

  /** Where a picture is; the JSON file's own folder comes first: names repeat from part to part. */
  private @Nullable Path picture(Path file, String name) {
    List<Path> places = new ArrayList<>();
    Path folder = file.getParent();
    if (folder != null) {
      places.addAll(List.of(folder, folder.resolve("images"), folder.resolveSibling("images")));
    }
    places.addAll(List.of(root, root.resolve("images")));
    for (Path place : places) {
      Path picture = place.resolve(name).normalize();
      // Security: a file name must not lead out of the folder.
      if (picture.startsWith(root) && Files.isRegularFile(picture)) {
        return picture;
      }
    }
    return null;
  }

  /** The part that a file's name tells, or else a folder's above it. */
  private static String split(String path) {
    String split = "";
    for (String word : path.toLowerCase(Locale.ROOT).split("[^a-z]+")) {
      split = SPLITS.getOrDefault(word, split);
    }
    return split;
  }

  private String where(Path file) {
    return root.relativize(file).toString();
  }

  private static long number(Path file, JsonNode node, String at, String field) {
    JsonNode value = node.path(field);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new InvalidAnnotationException(
          "%s: %s.%s is not a whole number".formatted(file, at, field));
    }
    return value.longValue();
  }

  private static String string(Path file, JsonNode node, String at, String field) {
    JsonNode value = node.path(field);
    if (!value.isString() || value.stringValue().isBlank()) {
      throw new InvalidAnnotationException("%s: %s.%s is not a name".formatted(file, at, field));
    }
    String text = value.stringValue();
    if (text.chars().anyMatch(Character::isISOControl)) {
      throw new InvalidAnnotationException(
          "%s: %s.%s has control characters".formatted(file, at, field));
    }
    return text;
  }

  private JsonNode parse(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new InvalidAnnotationException(file + " is larger than 512 MiB");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return json.readTree(in);
    } catch (JacksonException e) {
      throw new InvalidAnnotationException(file + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }
}
