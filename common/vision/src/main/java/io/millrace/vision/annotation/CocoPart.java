package io.millrace.vision.annotation;

import io.millrace.vision.box.Box;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One COCO file: its categories, pictures and boxes. Ids count in it alone. */
final class CocoPart {

  private final String name;
  private final JsonNode tree;
  private final SetFiles files;
  private final BoxChecks checks;
  private final CocoPictures lookup;
  private final Map<String, String> categories = new LinkedHashMap<>();
  private final Map<String, List<NamedBox>> boxes = new HashMap<>();

  /**
   * A file that was parsed.
   *
   * @param tree with COCO's images and annotations
   */
  CocoPart(String name, JsonNode tree, SetFiles files, BoxChecks checks) {
    this.name = name;
    this.tree = tree;
    this.files = files;
    this.checks = checks;
    this.lookup = new CocoPictures(name, files, checks);
    readCategories();
  }

  /** Class names by id. */
  Map<String, String> categories() {
    return categories;
  }

  private void readCategories() {
    Set<String> labels = new LinkedHashSet<>();
    int index = 0;
    for (JsonNode category : tree.path("categories")) {
      String at = "categories[" + index++ + "]";
      String id = CocoFile.id(category.path("id"));
      String fault = CocoFile.faultOfName(category.path("name"));
      if (id.isEmpty() || !fault.isEmpty()) {
        checks.note(name, at + (id.isEmpty() ? ".id is no id" : ".name " + fault) + ", left out");
        continue;
      }
      String label = category.path("name").stringValue();
      if (categories.putIfAbsent(id, label) != null) {
        checks.note(name, "category id " + id + " stands twice, the second left out");
      } else if (!labels.add(label)) {
        checks.note(name, "category %s is another '%s'".formatted(id, label));
      }
    }
  }

  /** The pictures that can be used, with their boxes. */
  List<AnnotatedPicture> pictures() {
    boolean nameless = categories.isEmpty() && !tree.path("annotations").isEmpty();
    if (nameless) {
      checks.note(
          name, "boxes without categories, so nothing says what is in them: its pictures left out");
    }
    Map<String, JsonNode> images = images();
    Map<String, Found> found = new LinkedHashMap<>();
    images.forEach((id, image) -> {
      String picture = lookup.find(image.path("file_name").stringValue());
      if (picture != null && nameless) {
        checks.leaveOut(picture);
      } else if (picture != null) {
        checks
            .frame(name, picture, size(image, "width"), size(image, "height"))
            .ifPresent(frame -> found.put(id, new Found(picture, image, frame)));
      }
    });
    if (nameless) {
      return List.of();
    }
    readBoxes(images.keySet(), found);
    List<AnnotatedPicture> pictures = new ArrayList<>();
    found.forEach((id, one) ->
        checks
            .id(name, one.image.path("file_name").stringValue(), one.file)
            .ifPresent(unique ->
                pictures.add(
                    new AnnotatedPicture(
                        unique,
                        one.file,
                        files.path(one.file),
                        CocoFile.split(name),
                        boxes.getOrDefault(id, List.of())))));
    return pictures;
  }

  private Map<String, JsonNode> images() {
    Map<String, JsonNode> images = new LinkedHashMap<>();
    int index = 0;
    for (JsonNode image : tree.path("images")) {
      String at = "images[" + index++ + "]";
      String id = CocoFile.id(image.path("id"));
      String fault = CocoFile.faultOfName(image.path("file_name"));
      if (id.isEmpty()) {
        checks.note(name, at + ".id is neither a whole number nor a text, left out");
      } else if (!fault.isEmpty()) {
        checks.note(name, at + ".file_name " + fault + ", left out");
      } else if (images.putIfAbsent(id, image) != null) {
        checks.note(name, "image id " + id + " stands twice, the second left out");
      }
    }
    return images;
  }

  private void readBoxes(Set<String> listed, Map<String, Found> found) {
    int index = 0;
    for (JsonNode annotation : tree.path("annotations")) {
      String at = "annotations[" + index++ + "]";
      String id = CocoFile.id(annotation.path("id"));
      String what = name + ", annotation " + (id.isEmpty() ? at : id);
      String imageId = CocoFile.id(annotation.path("image_id"));
      String label = categories.get(CocoFile.id(annotation.path("category_id")));
      Found picture = found.get(imageId);
      if (!listed.contains(imageId) || label == null) {
        String field = listed.contains(imageId) ? "category_id" : "image_id";
        checks.note(what, "unknown " + field + " " + annotation.path(field) + ", left out");
      } else if (picture != null) {
        NamedBox box = box(what, annotation, picture.frame, label);
        if (box != null) {
          boxes.computeIfAbsent(imageId, unused -> new ArrayList<>()).add(box);
        }
      }
    }
  }

  private @Nullable NamedBox box(String what, JsonNode annotation, BoxFrame frame, String label) {
    JsonNode bbox = annotation.path("bbox");
    double[] xywh = new double[4];
    boolean four = bbox.isArray() && bbox.size() == 4;
    for (int i = 0; four && i < 4; i++) {
      four = bbox.get(i).isNumber();
      xywh[i] = four ? bbox.get(i).doubleValue() : 0;
    }
    if (!four) {
      checks.note(
          what, (bbox.isMissingNode() ? "no bbox" : "bbox is not four numbers") + ", left out");
      return null;
    }
    Box seen = checks.check(what, xywh, frame).orElse(null);
    if (seen == null) {
      return null;
    }
    double whole = xywh[2] * xywh[3];
    double area = area(what, annotation.path("area"));
    return new NamedBox(
        seen,
        label,
        crowd(what, annotation.path("iscrowd")),
        area > 0 ? area * (seen.area() / whole) : seen.area());
  }

  private double area(String what, JsonNode area) {
    if (area.isMissingNode() || area.isNull()) {
      return 0;
    }
    if (!area.isNumber() || !Double.isFinite(area.doubleValue())) {
      checks.note(what, "area is not a number, that of the box is taken");
      return 0;
    }
    return area.doubleValue();
  }

  private boolean crowd(String what, JsonNode crowd) {
    if (crowd.isBoolean()) {
      return crowd.booleanValue();
    }
    boolean known = crowd.isMissingNode() || crowd.isNull() || crowd.isNumber();
    double value = crowd.isNumber() ? crowd.doubleValue() : 0;
    if (!known || (value != 0 && value != 1)) {
      checks.note(what, "iscrowd is " + crowd + ", not 0 or 1: taken as no crowd");
    }
    return value == 1;
  }

  private double size(JsonNode image, String field) {
    JsonNode value = image.path(field);
    if (value.isNumber() && value.doubleValue() > 0) {
      return value.doubleValue();
    }
    if (!value.isMissingNode() && !value.isNull() && !value.isNumber()) {
      checks.note(
          name,
          "%s of '%s' is not a number, ignored"
              .formatted(field, image.path("file_name").stringValue()));
    }
    return 0;
  }

  /** A picture that is there and can be read. */
  private record Found(String file, JsonNode image, BoxFrame frame) {}
}
