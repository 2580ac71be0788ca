package io.millrace.vision.annotation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** COCO JSON: images, categories and boxes in one file a part. */
final class CocoReader {

  private static final long MAX_BYTES = 512L << 20;
  private static final List<String> SPLITS = List.of("train", "val", "test");

  private final Path root;
  private final JsonMapper json = JsonMapper.builder().build();
  private final BoxChecks checks = new BoxChecks();

  CocoReader(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  AnnotationSet read(List<Path> files) throws IOException {
    Map<Long, String> categories = new TreeMap<>();
    List<AnnotatedPicture> pictures = new ArrayList<>();
    int cocoFiles = 0;
    for (Path file : files) {
      JsonNode tree = parse(file);
      if (tree.path("images").isArray() && tree.path("annotations").isArray()) {
        cocoFiles++;
        for (JsonNode category : tree.path("categories")) {
          String name = category.path("name").asString("");
          String known = categories.put(category.path("id").asLong(), name);
          if (known != null && !known.equals(name)) {
            throw new InvalidAnnotationException(
                "%s: category %d is '%s' here and '%s' in another file"
                    .formatted(file, category.path("id").asLong(), name, known));
          }
        }
        pictures.addAll(pictures(file, tree, categories));
      }
    }
    if (cocoFiles == 0) {
      throw new InvalidAnnotationException(
          root + " has JSON files, but none with COCO's images and annotations");
    }
    return new AnnotationSet(pictures, List.copyOf(categories.values()), checks.problems());
  }

  private List<AnnotatedPicture> pictures(Path file, JsonNode tree, Map<Long, String> categories) {
    String where = String.valueOf(file.getFileName());
    Map<Long, JsonNode> images = new LinkedHashMap<>();
    for (JsonNode image : tree.path("images")) {
      if (images.putIfAbsent(image.path("id").asLong(), image) != null) {
        checks.note(
            where, "image id " + image.path("id").asLong() + " stands twice, the second left out");
      }
    }
    Map<Long, List<NamedBox>> boxes = new HashMap<>();
    for (JsonNode annotation : tree.path("annotations")) {
      JsonNode image = images.get(annotation.path("image_id").asLong());
      String label = categories.get(annotation.path("category_id").asLong());
      String what = where + ", annotation " + annotation.path("id").asLong();
      if (image == null || label == null) {
        checks.note(what, "unknown " + (image == null ? "image_id" : "category_id") + ", left out");
        continue;
      }
      NamedBox box = box(what, annotation, image, label);
      if (box != null) {
        boxes.computeIfAbsent(image.path("id").asLong(), unused -> new ArrayList<>()).add(box);
      }
    }
    List<AnnotatedPicture> pictures = new ArrayList<>();
    images.forEach((id, image) -> {
      String name = image.path("file_name").asString("");
      Path picture = picture(file, name);
      if (picture == null) {
        checks.note(where, "picture '" + name + "' is missing, left out");
      } else {
        pictures.add(
            new AnnotatedPicture(name, picture, split(where), boxes.getOrDefault(id, List.of())));
      }
    });
    return pictures;
  }

  private @Nullable NamedBox box(String what, JsonNode annotation, JsonNode image, String label) {
    JsonNode bbox = annotation.path("bbox");
    double[] xywh = new double[4];
    for (int i = 0; i < xywh.length; i++) {
      xywh[i] = bbox.path(i).asDouble(Double.NaN);
    }
    return checks
        .check(what, xywh, image.path("width").asDouble(0), image.path("height").asDouble(0))
        .map(box -> new NamedBox(box, label, annotation.path("iscrowd").asInt(0) == 1))
        .orElse(null);
  }

  private @Nullable Path picture(Path file, String name) {
    Path folder = file.toAbsolutePath().normalize().getParent();
    List<Path> places = new ArrayList<>(List.of(root, root.resolve("images")));
    if (folder != null) {
      places.add(folder);
      places.add(folder.resolve("images"));
      places.add(folder.resolveSibling("images"));
    }
    for (Path place : places) {
      Path picture = place.resolve(name).normalize();
      // Security: a file name must not lead out of the folder.
      if (picture.startsWith(root) && Files.isRegularFile(picture)) {
        return picture;
      }
    }
    return null;
  }

  private static String split(String fileName) {
    return SPLITS.stream().filter(fileName::contains).findFirst().orElse("");
  }

  private JsonNode parse(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new InvalidAnnotationException(file + " is larger than 512 MiB");
    }
    try {
      return json.readTree(Files.readAllBytes(file));
    } catch (JacksonException e) {
      throw new InvalidAnnotationException(file + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }
}
